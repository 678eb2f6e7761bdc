"""Looks at the mirror again and again, and tells what went wrong with which part meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mirrord.drill.process import MirrorProcess
from mirrord.errors import MirrorError

EVERY_S: Final = 0.2
BEAT_S: Final = 9.0  # a driver at work applies every 5 s at least, a camera gives frames


@dataclass(slots=True)
class Span:
    """What was seen while a fault lasted and until all was well again."""

    troubled: dict[str, str] = field(default_factory=dict)  # part to the first sentence
    silent: int = 0  # looks that were not answered
    first: dict[str, int] = field(default_factory=dict)  # part to how much it had done
    last: dict[str, int] = field(default_factory=dict)

    def idle(self) -> list[str]:
        """Return the parts that have done nothing in the meantime."""
        return [part for part, done in self.first.items() if self.last.get(part, 0) <= done]


class Watch:
    """Keeps the newest report. Used from the event loop."""

    def __init__(self, mirror: MirrorProcess) -> None:
        self._mirror = mirror
        self.newest: dict[str, Any] | None = None
        self.looks = 0
        self.span = Span()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._look()
            await asyncio.sleep(EVERY_S)

    def begin(self) -> None:
        """Note from now on anew."""
        self.span = Span(first=self._working())

    @property
    def troubles(self) -> dict[str, str]:
        """What does not work now, by part; {"mirror": ...} if it does not answer.

        Amber is no failure: that seeing was started again three times is what a drill does.
        """
        if self.newest is None:
            return {"mirror": "it does not answer"}
        troubles = self.newest["health"]["troubles"]
        return {one["part"]: one["said"] for one in troubles if one["level"] == "red"}

    @property
    def done(self) -> dict[str, int]:
        """How much each part has done since the mirror was started: frames, wishes applied."""
        parts = self.newest["parts"] if self.newest else []
        return {one["part"]: one["done"] for one in parts if "done" in one}

    @property
    def at_work(self) -> bool:
        """Whether every part is well and has begun: frames come, drivers are ready."""
        if self.newest is None or self.troubles:
            return False
        return all(part["state"] != "opening" for part in self.newest["parts"])

    def done_of(self, parts: Collection[str]) -> dict[str, int]:
        """Return how much some parts have done; 0 of those that are away."""
        return {part: self.done.get(part, 0) for part in parts}

    def works_again(self, parts: Collection[str], before: Mapping[str, int]) -> bool:
        """Whether all is well, and what was broken has done something since `before`."""
        done = self.done
        concerned = [part for part in before if part in parts or "*" in parts]
        return self.at_work and all(done.get(part, 0) > before[part] for part in concerned)

    async def until(self, true: Callable[[], bool], within_s: float) -> float | None:
        """Return after how many seconds something holds; None if it does not within so many."""
        loop = asyncio.get_running_loop()
        began_s, looks = loop.time(), self.looks
        while loop.time() - began_s < within_s:
            if self.looks > looks and true():
                return loop.time() - began_s
            await asyncio.sleep(EVERY_S / 4)
        return None

    async def _look(self) -> None:
        try:
            self.newest = await self._mirror.report()
        except MirrorError:
            self.newest = None
            self.span.silent += 1
        self.looks += 1
        for part, said in self.troubles.items():
            self.span.troubled.setdefault(part, said)
        if self.newest is not None:
            self.span.last = self.done

    def _working(self) -> dict[str, int]:
        parts = self.newest["parts"] if self.newest else []
        working = {one["part"] for one in parts if one["state"] in ("ready", "open")}
        return {part: done for part, done in self.done.items() if part in working}
