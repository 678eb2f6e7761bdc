"""What is new under a key of the database, read once in this process for all who follow it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from mirrord.errors import MirrorError
from mirrord.runtime.backoff import Backoff

log = logging.getLogger(__name__)
KEPT: Final = 256  # the newest, in memory
AT_ONCE: Final = 256  # read from the database


@dataclass(frozen=True, slots=True)
class News:
    """One state. Numbers grow in the order of storing; of one key, a newer replaces an older."""

    number: int
    key: str
    text: str  # JSON without its closing brace: whoever sends it adds where they are


class Source(Protocol):
    """Where news come from. Raises Unavailable."""

    async def newest(self) -> int:
        """Return the number of the newest there is."""

    async def after(self, number: int, most: int) -> Sequence[News]:
        """Return what is newer than a number, the oldest first."""


class Feed:
    """The newest of a source. Whoever follows is woken, and takes what they have not had."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.since = 0  # all that is newer than this, up to `upto`, is in memory
        self.upto = 0
        self.followers: set[Callable[[], None]] = set()
        self._kept: deque[News] = deque()
        self._stale = asyncio.Event()
        self._open = asyncio.Event()

    def wake(self) -> None:
        """Look whether there is something new."""
        self._stale.set()

    async def opened(self) -> None:
        """Wait until it is known what is newest."""
        await self._open.wait()

    def newer(self, number: int) -> list[News] | None:
        """Return what is newer than a number; None if memory does not reach back so far."""
        if number < self.since:
            return None
        found: list[News] = []
        for one in reversed(self._kept):
            if one.number <= number:
                break
            found.append(one)
        found.reverse()
        return found

    def all_kept(self) -> list[News]:
        return list(self._kept)

    async def run(self) -> None:
        """Read for ever; what could not be read is read later."""
        backoff = Backoff(first_s=0.2, cap_s=5.0)
        while True:
            try:
                if not self._open.is_set():
                    # The newest itself is kept too: whoever comes gets the state as it is.
                    self.since = self.upto = max(0, await self.source.newest() - 1)
                    await self._read()
                    self._open.set()
                await self._stale.wait()
                self._stale.clear()
                await self._read()
                backoff.worked()
            except MirrorError as error:
                log.debug("what is new cannot be read now: %s", error)
                self._stale.set()
                await asyncio.sleep(backoff.next_s())

    async def _read(self) -> None:
        fresh = await self.source.after(self.upto, AT_ONCE)
        if not fresh:
            return
        self._kept.extend(fresh)
        self.upto = fresh[-1].number
        while len(self._kept) > KEPT:
            self.since = self._kept.popleft().number
        if len(fresh) >= AT_ONCE:
            self._stale.set()
        for wake in self.followers:
            wake()


class Feeds:
    """The feeds that somebody follows, by key."""

    def __init__(self) -> None:
        self._feeds: dict[Hashable, tuple[Feed, asyncio.Task[None]]] = {}
        self._count: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._feeds)

    def wake(self, key: Hashable) -> None:
        """Something is new under a key."""
        if found := self._feeds.get(key):
            found[0].wake()

    def wake_all(self) -> None:
        """Something may be new anywhere."""
        for feed, _ in self._feeds.values():
            feed.wake()

    @asynccontextmanager
    async def followed(
        self, key: Hashable, source: Source, wake: Callable[[], None]
    ) -> AsyncIterator[Feed]:
        """Follow a key while this is open; `wake` is called when something is new."""
        feed = self._enter(key, source)
        feed.followers.add(wake)
        try:
            await feed.opened()
            yield feed
        finally:
            feed.followers.discard(wake)
            await self._leave(key)

    def _enter(self, key: Hashable, source: Source) -> Feed:
        self._count[key] = self._count.get(key, 0) + 1
        if key not in self._feeds:
            feed = Feed(source)
            self._feeds[key] = feed, asyncio.create_task(feed.run(), name="feed")
        return self._feeds[key][0]

    async def _leave(self, key: Hashable) -> None:
        self._count[key] -= 1
        if not self._count[key]:
            del self._count[key]
            _, task = self._feeds.pop(key)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
