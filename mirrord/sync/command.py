"""What `mirrord link`, `mirrord unlink` and `mirrord ledger` do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from mirrord.config import Config, store_path
from mirrord.errors import ConfigError, MirrorError, Unavailable
from mirrord.runtime.boot_clock import BootClock
from mirrord.store.ledger import Egress, egress, egress_total
from mirrord.store.limits import Limits
from mirrord.store.outbox import waiting
from mirrord.sync import account
from mirrord.sync.books import FileBooks
from mirrord.sync.link import Link, LinkFile, checked_url, link_path
from mirrord.sync.post import Post
from mirrord.sync.sender import Sender

WHAT_IS_SENT: Final = (
    "Once it is linked, the mirror sends, of every visit that begins from then on:\n"
    "  - for each minute: how many readings there were, how often each mood and expression was\n"
    "    the foremost, and sums, least and largest values of the moods, valence and arousal;\n"
    "  - at its end: when it began and ended, and how the moods went from first to last.\n"
    "It never sends pictures, single readings, who you are, or anything from before the link.\n"
    "What you delete here is deleted there. `mirrord unlink` ends it, `mirrord ledger` shows\n"
    "every byte that was sent."
)


class Linking:
    """One collective and this mirror, from the command line."""

    def __init__(self, config: Config, limits: Limits | None = None) -> None:
        kept = config.store
        self._config = config
        self.books = FileBooks(
            store_path(config), limits or Limits(kept.keep_days, kept.max_mb, config.sync.outbox_mb)
        )
        self.file = LinkFile(link_path(config))
        self.post = Post(self.books, lambda: config.sync.ca_file)

    def address(self, text: str) -> str:
        """Return the address to link with. Raises ConfigError for a wrong one, or a second link."""
        url = checked_url(text)
        link = self.file.read()
        if link is not None and link.state != "asking" and link.url != url:
            raise ConfigError(f"the mirror is linked with {link.url}: `mirrord unlink` first")
        return url

    async def link(self, url: str, show: Callable[[Link], None]) -> Link:
        """Enrol, show the code, and wait until it is confirmed. Raises MirrorError."""
        asking = await account.enrol(self.post, url, self._config.mirror.name)
        show(asking)
        while time.time() < asking.asked_until:
            await asyncio.sleep(account.CLAIM_S)
            try:
                linked = await account.claim(self.post, asking)
            except Unavailable:
                continue
            if linked is not None:
                await account.become_linked(self.books, self.file, linked)
                return linked
        raise MirrorError("the code was not confirmed in time; link once more for another")

    async def unlink(self, erase: bool, patience_s: float = 20.0) -> str:
        """Leave, and have everything erased if asked to; return what to say. Raises MirrorError."""
        link = self.file.read()
        if link is None:
            return "The mirror is not linked."
        if link.state == "asking":
            account.stop_asking(self.file, link)
            return "The mirror does not wait for the code any more."
        leaving = link.changed(state="erasing" if erase else "leaving")
        self.file.write(leaving)  # from here on nothing is sent but this
        return await self._left(patience_s)

    async def _left(self, patience_s: float) -> str:
        sender = Sender(self.books, self.file, lambda: self._config.sync, BootClock(), self.post)
        ends = time.monotonic() + patience_s
        while self.file.read() is not None:
            wait_s = await sender.turn()
            if time.monotonic() > ends:
                raise MirrorError(
                    f"{sender.status.said} Nothing more is sent; a running mirror goes on trying "
                    "to tell the collective, or say the same command once more."
                )
            await asyncio.sleep(min(wait_s, 3.0) if sender.status.problem else 0.0)
        return sender.status.note or "The mirror is not linked any more."

    async def ledger(self, limit: int) -> tuple[list[Egress], tuple[int, int]]:
        """Return what left, the newest first, and how many requests and bytes in all."""
        rows = await self.books.ask(lambda database: egress(database, limit))
        return rows, await self.books.ask(egress_total)

    async def state(self) -> str:
        """Return how it stands, in a sentence or two."""
        link = self.file.read()
        if link is None:
            return "The mirror is not linked: nothing is sent."
        if link.state == "asking":
            return f"Confirm the code {link.code} at {link.page}."
        found = await self.books.ask(waiting)
        since = datetime.fromtimestamp(link.linked_at)
        return (
            f"Linked with {link.url} as {link.user}'s since {since:%Y-%m-%d %H:%M}; "
            f"{found.ready + found.unanswered + found.later} wait, {found.aside} were set aside."
        )
