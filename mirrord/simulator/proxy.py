"""A network between the mirror and a device, that can be slow, silent, or down."""

from __future__ import annotations

import asyncio
from typing import Self

from mirrord.runtime.sure import sure


class TcpProxy:
    """Forwards 127.0.0.1:`port` to a target; an async context manager.

    `stop` refuses connections and breaks those that are; `hang` takes connections and swallows
    what comes, in both directions, as a network does that has lost its way; `resume` ends that, and
    breaks what hung; `slow` delays every piece.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.host, self.port = "127.0.0.1", 0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent = False
        self._delay_s = 0.0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Take connections, on the same port as before if there was one."""
        self._server = await asyncio.start_server(
            self._line, self.host, self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections and break those that are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._break()

    def hang(self) -> None:
        """Swallow everything."""
        self._silent = True

    async def resume(self) -> None:
        """Forward again; what hung is broken."""
        if self._silent:
            await self._break()
        self._silent, self._delay_s = False, 0.0

    def slow(self, seconds: float) -> None:
        """Delay every piece."""
        self._delay_s = seconds

    def passed(self, piece: bytes) -> None:
        """Take note of what goes to the target."""

    async def _break(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = sure(asyncio.current_task())
        self._lines.add(me)
        self._writers.add(writer)
        try:
            await self._forward(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # broken on purpose; the server's own task ends here
        finally:
            writer.close()
            self._writers.discard(writer)
            self._lines.discard(me)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        self._writers.add(there_writer)
        try:
            await asyncio.gather(
                self._pump(reader, there_writer, outward=True),
                self._pump(there_reader, writer, outward=False),
            )
        finally:
            there_writer.close()
            self._writers.discard(there_writer)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, outward: bool
    ) -> None:
        while piece := await reader.read(65536):
            if outward:
                self.passed(piece)
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
            if not self._silent:
                writer.write(piece)
                await writer.drain()
        writer.close()
