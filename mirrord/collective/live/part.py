"""The live socket as a part of the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Final

import msgspec
from aiohttp import web

from mirrord.api.records import Reading, Records
from mirrord.api.socket import PATHS, Socket
from mirrord.collective.app import Shared
from mirrord.collective.bus import Bus
from mirrord.collective.doors import add
from mirrord.collective.gate import Gate
from mirrord.collective.live.lines import CollectiveLines
from mirrord.collective.live.presence import Presence
from mirrord.collective.observe import Drain, Metrics

READINGS: Final = "readings"  # topics of the bus
FIGURES: Final = "collective"
POLL_S: Final = 5.0  # while the bus is away


def teller(bus: Bus) -> Callable[[int, Reading], Awaitable[None]]:
    """Return what tells every process that an account has a new reading."""

    async def tell(account: int, _reading: Reading) -> None:
        await bus.tell(READINGS, str(account))

    return tell


class Live:
    """/ws/emotions/ and what keeps it going."""

    def __init__(
        self, shared: Shared, gate: Gate, records: Records, metrics: Metrics, drain: Drain
    ) -> None:
        self._bus, self.metrics = shared.bus, metrics
        self.presence = Presence(shared.bus)
        self.lines = CollectiveLines(shared.database, gate, self.presence, metrics)
        most = shared.settings.limits.sockets
        self.socket = Socket(records, self.lines, most, drain.close)
        metrics.watch("sockets", "Clients of the live socket.", lambda: len(self.socket))
        metrics.watch("feeds", "Accounts and spaces followed.", lambda: len(self.lines.feeds))

    def mount(self, app: web.Application) -> None:
        app[LIVE] = self
        for path in PATHS:
            add(app, "GET", path, "read" if "{" in path else "look", self.socket.serve)
        app.on_shutdown.append(self.socket.say_goodbye)
        app.cleanup_ctx.append(self._run)
        self._bus.listen(READINGS, self._reading_told)
        self._bus.listen(FIGURES, self._figure_told)

    def _reading_told(self, text: str) -> None:
        if text.isdecimal():
            self.lines.feeds.wake(("account", int(text)))
        else:
            self.lines.feeds.wake_all()

    def _figure_told(self, text: str) -> None:
        try:
            told = msgspec.json.decode(text, type=_Told)
            self.lines.feeds.wake(("space", int(told.space)))
        except (msgspec.DecodeError, ValueError):
            self.lines.feeds.wake_all()

    async def _run(self, _app: web.Application) -> AsyncIterator[None]:
        work: list[Coroutine[Any, Any, None]] = [
            self.presence.run(),
            self.lines.watch(),
            self._poll(),
        ]
        tasks = [asyncio.create_task(one, name="live") for one in work]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _poll(self) -> None:
        """Without the bus nobody says that something is new."""
        while True:
            await asyncio.sleep(POLL_S)
            if self._bus.problem:
                self.lines.feeds.wake_all()


LIVE: web.AppKey[Live] = web.AppKey("live", Live)


class _Told(msgspec.Struct):
    space: str
