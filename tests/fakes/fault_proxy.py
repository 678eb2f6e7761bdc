"""A network between a mirror and a collective that does to each request what it is told to."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from contextlib import suppress
from typing import Final, Literal, Self

Fault = Literal[
    "refuse",  # the connection is closed before anything has gone through
    "half",  # half of the request gets through, then both ends are cut
    "lose",  # the request gets through, its answer does not
    "twice",  # the answer comes twice
    "hang",  # half-open: everything is swallowed, and nothing ever comes
    "ghost",  # as `hang`, but the request gets through when `haunt` is called, after later ones
    "repeat",  # the request gets through twice, and both answers come, the second one first
]
FAULTS: Final[tuple[Fault, ...]] = ("refuse", "half", "lose", "twice", "hang", "ghost", "repeat")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class FaultProxy:
    """Forwards 127.0.0.1:`port` to a target; each of `faults` is for one connection, in order."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.faults: deque[Fault] = deque()
        self.sent = bytearray()  # all that came from the mirror
        self._ghosts: list[bytes] = []
        self._lines: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def haunt(self) -> None:
        """Let requests through that nobody waits for any more."""
        ghosts, self._ghosts = self._ghosts, []
        for request in ghosts:
            with suppress(OSError):
                await self._asked(request)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = asyncio.current_task()
        assert me is not None
        self._lines.add(me)
        try:
            await self._treat(reader, writer, self.faults.popleft() if self.faults else None)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            self._lines.discard(me)

    async def _treat(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None
    ) -> None:
        if fault == "refuse":
            writer.transport.abort()
            return
        request = await self._request(reader)
        if fault in ("hang", "ghost"):
            if fault == "ghost":
                self._ghosts.append(request)
            await reader.read()  # until the mirror gives up
        elif fault == "half":
            await self._half(request)
            writer.transport.abort()
        else:
            await self._through(request, writer, fault)

    async def _through(
        self, request: bytes, writer: asyncio.StreamWriter, fault: Fault | None
    ) -> None:
        answer = await self._asked(request)
        if fault == "lose":
            writer.transport.abort()
            return
        if fault == "repeat":
            answer = await self._asked(request) + answer
        writer.write(answer * (2 if fault == "twice" else 1))
        await writer.drain()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        self.sent += head
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        self.sent += body
        return head + body

    async def _asked(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self.target)
        try:
            writer.write(request)
            return await reader.read()  # each request says that it is the connection's last
        finally:
            writer.close()

    async def _half(self, request: bytes) -> None:
        _, writer = await asyncio.open_connection(*self.target)
        writer.write(request[: len(request) // 2])
        await writer.drain()
        writer.transport.abort()
