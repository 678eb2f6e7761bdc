"""A driver of the lamp in `lamp_peer` that does everything right; the bad ones derive from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from mirrord.driver import Device, Environment, Host, Plugin, Unavailable


class LampSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str


class LampState(msgspec.Struct, frozen=True):
    on: bool
    color: str
    level: float


class Lamp:
    timeout_s = 0.6

    def __init__(self, settings: LampSettings, host: Host) -> None:
        self.settings = settings
        self.host = host
        self.http: aiohttp.ClientSession
        self.sent: LampState | None = None

    async def connect(self) -> None:
        timeout = aiohttp.ClientTimeout(total=self.timeout_s)
        self.http = aiohttp.ClientSession(self.settings.url, timeout=timeout)
        self.report(await self.ask("GET"))

    async def apply(self, environment: Environment) -> None:
        if not environment.present:
            await self.give_back()
            return
        wanted = LampState(True, environment.lighting_color, environment.lighting_intensity)
        if wanted == self.sent:
            self.report(await self.ask("GET"))
            return
        await self.remember()
        await self.send(wanted)

    async def remember(self) -> None:
        if "found" not in self.host.memory:
            self.host.memory["found"] = msgspec.to_builtins(await self.ask("GET"))

    async def send(self, wanted: LampState) -> None:
        self.report(await self.ask("PUT", wanted))
        self.sent = wanted

    async def give_back(self) -> None:
        if (found := self.host.memory.get("found")) is None:
            await self.ask("GET")
            return
        await self.ask("PUT", msgspec.convert(found, LampState))
        del self.host.memory["found"]
        self.sent = None

    async def close(self) -> None:
        try:
            await self.give_back()
        except Unavailable:
            return  # nothing can be done; it is still in memory
        finally:
            await self.http.close()

    async def ask(self, method: str, state: LampState | None = None) -> LampState:
        body = None if state is None else msgspec.to_builtins(state)
        try:
            async with self.http.request(method, "/lamp", json=body) as answer:
                return self.read(await answer.read())
        except TimeoutError:
            raise Unavailable(f"the lamp at {self.settings.url} gives no answer") from None
        except (aiohttp.ClientError, msgspec.MsgspecError) as error:
            raise Unavailable(f"the lamp at {self.settings.url}: {error}") from None

    def read(self, body: bytes) -> LampState:
        return msgspec.json.decode(body, type=LampState)

    def report(self, state: LampState) -> None:
        values: dict[str, Any] = msgspec.to_builtins(state)
        self.host.report(Device("lamp", "lamp", "Strange lamp", values))


def plugin_of(
    kind: Callable[[LampSettings, Host], Lamp], name: str = "lamp"
) -> Plugin[LampSettings]:
    @asynccontextmanager
    async def open_lamp(settings: LampSettings, host: Host) -> AsyncIterator[Lamp]:
        lamp = kind(settings, host)
        try:
            await lamp.connect()
        except BaseException:
            await lamp.http.close()
            raise
        try:
            yield lamp
        finally:
            await lamp.close()

    return Plugin(name, "Strange lamp", LampSettings, open_lamp)


plugin = plugin_of(Lamp)
