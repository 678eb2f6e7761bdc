"""A lamp with an HTTP interface of its own: GET /lamp reads, PUT /lamp sets."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from aiohttp import web

FOUND = {"on": False, "color": "#ffffff", "level": 0.5}


class LampPeer:
    """The lamp on a free port of 127.0.0.1. It stays as it is while it is unreachable."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = dict(FOUND)
        self.port = 0
        self._commands: list[dict[str, Any]] = []
        self._runner: web.AppRunner | None = None
        self._delay_s = 0.0
        self._lying = False
        self._answering = asyncio.Event()
        self._answering.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/lamp", self._get)
        app.router.add_put("/lamp", self._put)
        self._runner = web.AppRunner(app, shutdown_timeout=0.0, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def hang(self) -> None:
        self._answering.clear()

    def slow(self, seconds: float) -> None:
        self._delay_s = seconds

    def lie(self) -> None:
        self._lying = True

    def resume(self) -> None:
        self._delay_s, self._lying = 0.0, False
        self._answering.set()

    def observe(self) -> dict[str, Any]:
        return dict(self.state)

    def commands(self) -> list[dict[str, Any]]:
        return list(self._commands)

    async def _get(self, _request: web.Request) -> web.Response:
        return await self._answer()

    async def _put(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if self._answering.is_set():
            self.obey(wanted)
        return await self._answer()

    def obey(self, wanted: dict[str, Any]) -> None:
        self._commands.append(wanted)
        self.state.update(wanted)

    async def _answer(self) -> web.Response:
        await asyncio.sleep(self._delay_s)
        await self._answering.wait()
        if self._lying:
            return web.Response(text='{"on": "maybe", "level": [', content_type="text/html")
        return web.json_response(self.state)
