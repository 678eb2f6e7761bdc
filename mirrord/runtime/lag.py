"""Notices when the event loop stands still, and what holds it."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType


@dataclass(frozen=True, slots=True)
class Stall:
    """The loop has stood still for `seconds`; `modules` were on its stack, innermost first."""

    seconds: float
    task: str  # the name of the task that held it, or ""
    place: str  # "module:line" of the innermost frame
    modules: tuple[str, ...]


class LagWatch:
    """Looks from a thread at the loop; calls `notice` in that thread, once for each stall."""

    def __init__(self, notice: Callable[[Stall], None], limit_s: float = 1.0) -> None:
        self._notice = notice
        self._limit_s = limit_s
        self._beat = time.monotonic()
        self._over = threading.Event()

    async def run(self) -> None:
        """Watch the running loop until cancelled."""
        loop, thread_id = asyncio.get_running_loop(), threading.get_ident()
        self._beat = time.monotonic()
        watch = threading.Thread(
            target=self._watch, args=(loop, thread_id), name="lag watch", daemon=True
        )
        watch.start()
        try:
            while True:
                self._beat = time.monotonic()
                await asyncio.sleep(self._limit_s / 2)
        finally:
            self._over.set()
            watch.join(self._limit_s)

    def _watch(self, loop: asyncio.AbstractEventLoop, thread_id: int) -> None:
        noticed = 0.0
        while not self._over.wait(self._limit_s / 2):
            beat = self._beat
            late_s = time.monotonic() - beat
            if late_s < self._limit_s or beat == noticed:
                continue
            frame = sys._current_frames().get(thread_id)
            # Waiting in select is not standing still: then this machine is just busy.
            if frame is None or _module(frame) == "selectors":
                continue
            noticed = beat
            self._notice(_stall(late_s, loop, frame))


def _stall(seconds: float, loop: asyncio.AbstractEventLoop, frame: FrameType) -> Stall:
    task = asyncio.current_task(loop)
    modules: list[str] = []
    step: FrameType | None = frame
    while step is not None:
        modules.append(_module(step))
        step = step.f_back
    place = f"{modules[0]}:{frame.f_lineno}"
    return Stall(seconds, task.get_name() if task else "", place, tuple(modules))


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
