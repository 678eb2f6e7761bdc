"""How many look at a space now, over all processes, roughly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from mirrord.collective.bus import Bus
from mirrord.collective.live.line import FollowingLine

SLOT_S: Final = 10.0
_STEPS: Final = (1, 2, 5)


def coarse(count: int) -> int:
    """Return a count as at least 1, 5, 10, 20, 50, 100, ...: who comes and goes is not told."""
    found, power = min(count, 1), 1
    while power <= count:
        found = max(found, *(step * power for step in _STEPS if step * power <= count))
        power *= 10
    return 1 if 1 < found < 5 else found


class Presence:
    """Counts viewers by slots of time: each process adds its own to the slot that runs.

    The slot before is complete, so it is what is told; a process that died is not in the next one.
    """

    def __init__(
        self, bus: Bus, slot_s: float = SLOT_S, clock: Callable[[], float] = time.time
    ) -> None:
        self._bus = bus
        self._slot_s = slot_s
        self._clock = clock
        self._lines: dict[int, set[FollowingLine]] = {}
        self._told: dict[int, int] = {}

    @property
    def here(self) -> int:
        """How many look on in this process."""
        return sum(map(len, self._lines.values()))

    @contextmanager
    def there(self, space: int, line: FollowingLine) -> Iterator[None]:
        """Count a viewer of a space while they are there."""
        lines = self._lines.setdefault(space, set())
        lines.add(line)
        line.show_viewers(_text(space, max(self._told.get(space, 1), coarse(len(lines)))))
        try:
            yield
        finally:
            lines.discard(line)
            if not lines:
                self._lines.pop(space, None)
                self._told.pop(space, None)

    async def run(self) -> None:
        """Count and tell for ever, once in each slot."""
        while True:
            now = self._clock()
            slot = int(now // self._slot_s)
            await asyncio.gather(*(self._count(space, slot) for space in list(self._lines)))
            await asyncio.sleep(max(0.0, (slot + 1) * self._slot_s - self._clock()) + 0.001)

    async def _count(self, space: int, slot: int) -> None:
        mine, window_s = len(self._lines.get(space, ())), self._slot_s * 6
        await self._bus.count(f"viewers:{space}:{slot}", window_s, by=mine)
        before, _ = await self._bus.count(f"viewers:{space}:{slot - 1}", window_s, by=0)
        viewers = coarse(max(mine, before))
        if space in self._lines and self._told.get(space) != viewers:
            self._told[space] = viewers
            for line in self._lines[space]:
                line.show_viewers(_text(space, viewers))


def _text(space: int, viewers: int) -> str:
    said = {"type": "viewers", "space": str(space), "viewers": viewers}
    return msgspec.json.encode(said).decode()
