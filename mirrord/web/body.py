"""A response's body as a file that a thread writes to, no faster than the client reads."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import Final

from aiohttp import web

CHUNK: Final = 64 * 1024
SEND_S: Final = 30.0  # a client that takes no chunk for so long is let go
# So is one that takes them too slowly for long: a place for an export is not held by dripping.
PATIENCE_S: Final = 60.0  # waited for the client, all in all
LEAST_BYTES_S: Final = 16 * 1024  # of what was sent in that time; the slowest Wi-Fi does more


class Body:
    """`write` blocks the calling thread until the loop has sent it; bytes go out in chunks.

    Raises ConnectionError once the client has left or reads no more, and after `stop`.
    """

    def __init__(self, response: web.StreamResponse) -> None:
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._waiting = bytearray()
        self._sending: asyncio.Task[object] | None = None
        self._stopped = False
        self._waited_s = 0.0
        self._taken = 0

    def write(self, data: bytes, /) -> int:
        self._waiting += data
        if len(self._waiting) >= CHUNK:
            self._send()
        return len(data)

    def finish(self) -> None:
        """Send what is left; called by the writing thread."""
        self._send()

    def stop(self) -> None:
        """Let the writing thread fail, now or at its next chunk; called on the loop."""
        self._stopped = True
        if self._sending is not None:
            self._sending.cancel()

    def _send(self) -> None:
        if self._stopped:
            raise ConnectionError("the response has ended")
        chunk = bytes(self._waiting)
        self._waiting.clear()
        try:
            asyncio.run_coroutine_threadsafe(self._sent(chunk), self._loop).result()
        except CancelledError:  # the future's own kind: no task is being cancelled here
            raise ConnectionError("the response has ended") from None

    async def _sent(self, chunk: bytes) -> None:
        self._sending = asyncio.current_task()
        began_s = self._loop.time()
        try:
            async with asyncio.timeout(SEND_S):
                await self._response.write(chunk)
        except TimeoutError:
            raise ConnectionError(f"the client took nothing for {SEND_S:g} s") from None
        finally:
            self._sending = None
            self._waited_s += self._loop.time() - began_s
        self._taken += len(chunk)
        if self._waited_s > PATIENCE_S and self._taken < LEAST_BYTES_S * self._waited_s:
            raise ConnectionError(f"the client took less than {LEAST_BYTES_S // 1024} KiB a second")
