"""Counts the changes of what a page shows, for those who wait for the next one."""

from __future__ import annotations

import asyncio


class Changes:
    """Used from the event loop."""

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.Event()

    def note(self) -> None:
        """Something has changed."""
        self.count += 1
        self._next.set()
        self._next = asyncio.Event()

    async def beyond(self, after: int) -> int:
        """Return the count once it is larger than `after`."""
        while self.count <= after:
            await self._next.wait()
        return self.count
