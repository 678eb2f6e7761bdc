"""What one client of the live socket is told, and where it is."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from mirrord.collective.live.feeds import AT_ONCE, Feed, News
from mirrord.collective.observe.metrics import Metrics
from mirrord.errors import Unavailable

MOST_BEHIND: Final = 64  # beyond it a client that is live gets the newest of each key alone
_ANSWERS: Final = 16
_AGAIN_S: Final = 1.0


class Follower:
    """A client's place in a feed; of one key alone if `only` names one."""

    def __init__(self, feed: Feed, at: int, only: str | None = None) -> None:
        self._feed = feed
        self.at = at
        self._only = only
        # Until it has caught up, a client gets all that it missed, however much.
        self._is_live = False
        self.spared = 0

    async def take(self) -> list[News]:
        """Return what comes next, and move on. Raises Unavailable."""
        found = self._feed.newer(self.at)
        if found is None and self._is_live:
            found = self._feed.all_kept()
            self.spared += 1  # at least: memory does not reach back
        if found is None:
            found = list(await self._feed.source.after(self.at, AT_ONCE))
        else:
            self._is_live = True
        if found:
            self.at = found[-1].number
        return self._conflated([one for one in found if self._only in (None, one.key)])

    def _conflated(self, found: list[News]) -> list[News]:
        if not self._is_live or len(found) <= MOST_BEHIND:
            return found
        newest = {one.key: one for one in found}
        self.spared += len(found) - len(newest)
        return sorted(newest.values(), key=lambda one: one.number)


class FollowingLine:
    """Answers first, then what is new in its feeds; the cursor says how far the client is."""

    def __init__(self, session_id: str | None, metrics: Metrics) -> None:
        self.session_id = session_id
        self._metrics = metrics
        self._followers: list[Follower] = []
        self._answers: deque[str] = deque(maxlen=_ANSWERS)
        self._ready: deque[tuple[int, News]] = deque()  # with the place of its follower
        self._at: list[int] = []
        self._viewers: str | None = None
        self._wake = asyncio.Event()

    def follow(self, follower: Follower) -> None:
        self._followers.append(follower)
        self._at.append(follower.at)

    def wake(self) -> None:
        self._wake.set()

    def tell(self, text: str) -> None:
        """Queue an answer; never blocks."""
        self._answers.append(text)
        self._wake.set()

    def greet(self) -> None:
        """Tell where the client is before anything happens."""
        self.tell(f'{{"type":"hello","cursor":"{self.cursor}"}}')

    def show_viewers(self, text: str) -> None:
        """Tell how many look on; only the newest count matters."""
        self._viewers = text
        self._wake.set()

    @property
    def cursor(self) -> str:
        """Where the client is after what it was told last."""
        return ".".join(map(str, self._at))

    async def next(self) -> str:
        while True:
            self._wake.clear()
            if self._answers:
                return self._answers.popleft()
            if self._ready:
                return self._text(*self._ready.popleft())
            if self._viewers is not None:
                text, self._viewers = self._viewers, None
                return text
            if not await self._fill():
                await self._wake.wait()

    async def _fill(self) -> bool:
        """Take what is new; return whether to look again. All that was taken before is told."""
        self._at = [follower.at for follower in self._followers]
        try:
            for place, follower in enumerate(self._followers):
                self._ready.extend((place, one) for one in await follower.take())
        except Unavailable:
            await asyncio.sleep(_AGAIN_S)
            return True
        return bool(self._ready)

    def _text(self, place: int, news: News) -> str:
        self._at[place] = news.number
        kind = "emotion_update" if place else "collective_update"
        self._metrics.sent.labels(kind).inc()
        spared, self._followers[place].spared = self._followers[place].spared, 0
        if spared:
            self._metrics.skipped.inc(spared)
        skipped = ',"skipped":true' if spared else ""
        return f'{news.text}{skipped},"cursor":"{self.cursor}"}}'
