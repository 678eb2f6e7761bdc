"""The way out: no new requests, those that run finish, sockets are told, within a time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from aiohttp import WSCloseCode, web

_SPREAD: Final = 0.3  # of the time there is, for saying goodbye
_MOST_SPREAD_S: Final = 3.0
LAST_S: Final = 1.0  # in which what has not finished by then is ended


class Drain:
    """Knows whether this process is on its way out; `drain_s` is all the time it may take."""

    def __init__(self, drain_s: float) -> None:
        self.drain_s = drain_s
        self.begun = False
        self._busy = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    @property
    def busy(self) -> int:
        """How many requests are being answered, sockets left out."""
        return self._busy

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request while it is answered."""
        self._busy += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self._is_idle.set()

    async def finish(self) -> None:
        """Wait for the requests that run, as long as there is time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self.drain_s - self._spread_s - LAST_S)):
                await self._is_idle.wait()

    @property
    def _spread_s(self) -> float:
        return min(_MOST_SPREAD_S, self.drain_s * _SPREAD)

    def begin(self) -> None:
        """From now on this process is not ready, and asks its clients to connect elsewhere."""
        self.begun = True

    async def close(self, sockets: Iterable[web.WebSocketResponse]) -> None:
        """Close sockets spread over a moment, so that not all of them come back at once."""
        goodbyes = [self._close(one, random.uniform(0, self._spread_s)) for one in sockets]
        await asyncio.gather(*goodbyes, return_exceptions=True)

    async def _close(self, socket: web.WebSocketResponse, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"restarting: connect again")
