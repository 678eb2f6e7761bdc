"""Passwords take a tenth of a second on purpose: on threads, two at a time, with a short queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from mirrord.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")
_AT_ONCE: Final = 2
_WAITING: Final = 64


class Stretcher:
    """Runs what takes long beside the event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._there = 0

    async def __call__(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a job returns. Raises Unavailable if too many wait."""
        if self._there >= _WAITING:
            raise Unavailable("Too many are signing in at once; try again in a minute.")
        self._there += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(job, *args, **kwargs)
        finally:
            self._there -= 1
