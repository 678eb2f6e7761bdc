"""A simulated network camera: Motion JPEG over HTTP, which can freeze or be gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Self

import cv2

from mirrord.errors import MirrorError
from mirrord.simulator.clip import expressions
from mirrord.simulator.portrait import Portrait

BOUNDARY: Final = b"frame"
FPS: Final = 10.0
_HEAD: Final = (
    b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=" + BOUNDARY + b"\r\n\r\n"
)
_TURN_S: Final = 4.0  # for which one expression is held


def faces(names: Sequence[str] = ("happy", "neutral")) -> list[bytes]:
    """Return the portrait with these expressions, as JPEG."""
    portrait, known = Portrait(), expressions()
    return [_jpeg(portrait, known[name]) for name in names]


def _jpeg(portrait: Portrait, face: Mapping[str, float]) -> bytes:
    found, data = cv2.imencode(".jpg", portrait.render(face))
    if not found:
        raise MirrorError("the simulated camera's picture cannot be made; install again")
    return data.tobytes()


class SimulatedCamera:
    """Shows each picture in turn, for ever, on 127.0.0.1; an async context manager.

    `frozen`: connections stay, nothing comes. `stop` hangs up and refuses; `start` is back at the
    same port.
    """

    def __init__(self, pictures: Sequence[bytes]) -> None:
        self._pictures = pictures
        self._server: asyncio.Server | None = None
        self._viewers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.frozen = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stream.mjpg"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Be there."""
        self._server = await asyncio.start_server(
            self._show, "127.0.0.1", self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for viewer in [*self._viewers]:
            viewer.transport.abort()
        while self._viewers:
            await asyncio.sleep(0.01)

    async def _show(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._viewers.add(writer)
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_HEAD)
            await self._stream(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # it hung up, which is its right
        finally:
            writer.close()
            self._viewers.discard(writer)

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while not writer.is_closing():
            if not self.frozen:
                turn = int(loop.time() / _TURN_S)
                picture = self._pictures[turn % len(self._pictures)]
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                writer.write(b"--" + BOUNDARY + b"\r\n" + head.encode() + picture + b"\r\n")
                await writer.drain()
            await asyncio.sleep(1 / FPS)
