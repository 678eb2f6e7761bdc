"""A mailbox that holds one value, the newest."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Hands over the newest value only: a reader that was away finds no backlog.

    One reader, any number of writers, all on one event loop.
    """

    def __init__(self) -> None:
        self._newest: T | None = None
        self._fresh = asyncio.Event()

    @property
    def newest(self) -> T | None:
        """The last value put, taken or not; None before the first."""
        return self._newest

    def put(self, value: T) -> None:
        """Replace what lies there. Never blocks."""
        self._newest = value
        self._fresh.set()

    async def get(self) -> T:
        """Return the newest value once there is one that `get` has not returned yet.

        Safe to cancel: a value is taken only when it is returned.
        """
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            if self._newest is not None:
                return self._newest

    def again(self) -> None:
        """Let `get` return the newest value once more, for a reader that starts anew."""
        if self._newest is not None:
            self._fresh.set()
