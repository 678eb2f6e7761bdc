"""A network between a driver and its peer, that can be slow, silent, or down."""

from __future__ import annotations

import asyncio
from typing import Self


class TcpProxy:
    """Forwards 127.0.0.1:`port` to a target.

    `stop` refuses connections and breaks those that are; `hang` takes connections and swallows
    what comes, in both directions, as a network does that has lost its way; `resume` ends that, and
    breaks what hung; `slow` delays every piece. `sent` has every byte that went to the target.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.host, self.port = "127.0.0.1", 0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent = False
        self._delay_s = 0.0
        self.sent = bytearray()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._line, self.host, self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._break()

    def hang(self) -> None:
        self._silent = True

    async def resume(self) -> None:
        if self._silent:
            await self._break()
        self._silent, self._delay_s = False, 0.0

    def slow(self, seconds: float) -> None:
        self._delay_s = seconds

    async def _break(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = asyncio.current_task()
        assert me is not None
        self._lines.add(me)
        self._writers.add(writer)
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._target)
            self._writers.add(there_writer)
            try:
                await asyncio.gather(
                    self._pump(reader, there_writer, self.sent),
                    self._pump(there_reader, writer, bytearray()),
                )
            finally:
                there_writer.close()
                self._writers.discard(there_writer)
        except (OSError, asyncio.CancelledError):
            pass  # broken on purpose; the server's own task ends here
        finally:
            writer.close()
            self._writers.discard(writer)
            self._lines.discard(me)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passed: bytearray
    ) -> None:
        while piece := await reader.read(65536):
            passed += piece
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
            if not self._silent:
                writer.write(piece)
                await writer.drain()
        writer.close()
