"""Looks at the mirror again and again, and tells what went wrong with which part meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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
        self.span = Span()

    @property
    def troubles(self) -> dict[str, str]:
        """What is wrong now, by part; {"mirror": ...} if it does not answer."""
        if self.newest is None:
            return {"mirror": "it does not answer"}
        return {one["part"]: one["said"] for one in self.newest["health"]["troubles"]}

    @property
    def at_work(self) -> bool:
        """Whether every part is well and has begun: frames come, drivers are ready."""
        if self.newest is None or self.newest["health"]["troubles"]:
            return False
        return all(part["state"] not in ("opening", "closed") for part in self.newest["parts"])

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
            parts = self.newest["parts"]
            if not self.span.first:
                working = [one for one in parts if one["state"] in ("ready", "open")]
                self.span.first = {one["part"]: one["done"] for one in working if "done" in one}
            self.span.last = {one["part"]: one["done"] for one in parts if "done" in one}
