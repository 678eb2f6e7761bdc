"""A server with descriptions of releases, behind a line that notes every byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from tests.fakes.tcp_proxy import TcpProxy

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
WHEEL = "mood_mirror-9.1.0-py3-none-any.whl"
DEB = "mood-mirror_9.1.0+deb13_arm64.deb"


def description(version: str = "9.1.0", **changes: Any) -> dict[str, Any]:
    """Return what `make release` writes."""
    sums = {DEB: "d" * 64, WHEEL: "e" * 64, "sbom.cdx.json": "f" * 64}
    return {
        "name": "mood-mirror",
        "version": version,
        "date": "2026-12-01",
        "notes": "Sees in the dark.",
        "files": [{"name": name, "sha256": total} for name, total in sums.items()],
    } | changes


class Line(TcpProxy):
    """Also counts the connections."""

    connections = 0

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await super()._line(reader, writer)


class FakeReleases:
    """`line.sent` is all that it was ever told; `answers` come first, one for each request."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.release = description()
        self.answers: list[Answer] = []
        self.heads: list[web.Request] = []
        self.asked = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.line.port}/latest/release.json"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.heads.append(request)
        self.asked.set()
        if self.answers:
            return await self.answers.pop(0)(request)
        cookie = {"Set-Cookie": "who=you; Max-Age=99999; Path=/"}
        return web.Response(body=msgspec.json.encode(self.release), headers=cookie)


@asynccontextmanager
async def releases() -> AsyncIterator[FakeReleases]:
    """Serve at a free port of this computer."""
    app = web.Application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    served: list[FakeReleases] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        return await served[0].answer(request)

    app.router.add_get("/{path:.*}", answer)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with Line("127.0.0.1", runner.addresses[0][1]) as line:
            served.append(FakeReleases(line))
            yield served[0]
    finally:
        await runner.cleanup()
