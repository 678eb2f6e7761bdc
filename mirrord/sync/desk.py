"""What the Privacy page shows of the sync, and does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec

from mirrord.errors import ConfigError
from mirrord.store.ledger import NOT_OF_THE_COLLECTIVE, Egress, egress, egress_total
from mirrord.store.outbox import Retried, set_aside, waiting
from mirrord.sync import account
from mirrord.sync.link import Link, LinkFile, checked_url
from mirrord.sync.post import Books, Post
from mirrord.sync.sender import Sender
from mirrord.whereabouts import place_of

_SHOWN: Final = ("url", "name", "code", "page", "asked_until", "user", "spaces", "linked_at")


class SyncDesk:
    """Implements `mirrord.web.collective.Desk` over the sender."""

    def __init__(
        self,
        books: Books,
        file: LinkFile,
        sender: Sender,
        post: Post,
        name: Callable[[], str],
    ) -> None:
        self._books = books
        self._file = file
        self._sender = sender
        self._post = post
        self._name = name
        self._one = asyncio.Lock()

    async def shown(self) -> dict[str, Any]:
        """Return how it stands: no secret is in it."""
        link = self._link()
        found = await self._books.ask(waiting)
        aside = await self._books.ask(set_aside)
        requests, size = await self._books.ask(egress_total)
        _, sent = await self._books.ask(lambda one: egress_total(one, NOT_OF_THE_COLLECTIVE))
        status = msgspec.to_builtins(self._sender.status)
        status["state"] = link.state if link else "off"
        return {
            **status,
            "link": _shown(link),
            "waiting": msgspec.to_builtins(found),
            "aside": msgspec.to_builtins(aside),
            "requests": requests,
            "bytes": size,
            "sent": sent,
        }

    async def link(self, url: str) -> None:
        """Ask a collective for a code. Raises ConfigError, Refused or Unavailable."""
        address = checked_url(url)
        async with self._one:
            link = self._link()
            if link is not None and link.state != "asking" and link.url != address:
                raise ConfigError(f"The mirror is linked with {link.url}: end that first.")
            asking = await account.enrol(self._post, address, self._name())
            self._file.write(account.ask_anew(asking, link))
        self._sender.wake()

    async def unlink(self, erase: bool) -> None:
        """End the link: from now on nothing is sent but the request to end it."""
        async with self._one:
            link = self._link()
            if link is not None and link.state == "asking":
                account.stop_asking(self._file, link)
            elif link is not None:
                self._file.write(link.changed(state="erasing" if erase else "leaving"))
        self._sender.wake()

    async def retry(self) -> None:
        """Send what was set aside once more, and do not wait with anything."""
        await self._books.put(Retried(aside=True))
        self._sender.wake()

    async def ledger(self, limit: int) -> list[Egress]:
        """Return what left, the newest first."""
        return await self._books.ask(lambda database: egress(database, limit))

    def _link(self) -> Link | None:
        try:
            return self._file.read()
        except ConfigError:  # the sender says what is wrong with it
            return None


def _shown(link: Link | None) -> dict[str, Any] | None:
    if link is None:
        return None
    shown = {name: getattr(link, name) for name in _SHOWN}
    plain = link.url.startswith("http:")
    return {**shown, "place": place_of(link.url), "plain": plain}
