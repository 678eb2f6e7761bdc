"""A simulated Hue bridge: HTTP or HTTPS, the v1 API, lamps that fade, and faults on demand."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from aiohttp import web

from mirrord.simulator.bridge_api import BridgeApi
from mirrord.simulator.bridge_faults import EFFECTIVE, Misbehaviour, misbehave
from mirrord.simulator.bridge_groups import Groups
from mirrord.simulator.bridge_lamp import SimulatedLamp, error
from mirrord.simulator.bridge_rate import RateLimit

__all__ = ["Command", "SimulatedBridge", "SimulatedLamp", "room_lamps"]

HOST = "127.0.0.1"
LIGHT_COMMANDS_A_SECOND = 10
GROUP_COMMANDS_A_SECOND = 1


def room_lamps() -> list[SimulatedLamp]:
    """Return the demo's lamps: three gamuts of colour, a tunable white, a plain white."""
    return [
        SimulatedLamp("Window", "LCT016"),
        SimulatedLamp("Sofa", "LCT001"),
        SimulatedLamp("Shelf", "LST001"),
        SimulatedLamp("Ceiling", "LTW012"),
        SimulatedLamp("Floor lamp", "LWB014"),
    ]


@dataclass(frozen=True, slots=True)
class Command:
    """One PUT that reached the bridge; `path` is below the key ("lights/1/state")."""

    at: float  # time.monotonic()
    path: str
    body: Any
    accepted: bool  # False: refused for its rate, or lost by a misbehaving bridge


class SimulatedBridge:
    """A bridge with lamps, an async context manager.

    `lamps` are numbered from 1 (or given with their numbers); `groups` maps a name to lamp numbers,
    and None makes one group of all lamps. `key` is allowed from the start. With `tls` it speaks
    HTTPS alone. Set `misbehaviour` to make it misbehave, and None to mend it.
    """

    def __init__(
        self,
        lamps: Sequence[SimulatedLamp] | Mapping[str, SimulatedLamp] | None = None,
        port: int = 0,
        key: str | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        lamps = room_lamps() if lamps is None else lamps
        if not isinstance(lamps, Mapping):
            lamps = {str(number): lamp for number, lamp in enumerate(lamps, start=1)}
        self.lamps: dict[str, SimulatedLamp] = dict(lamps)
        named = {"Living room": tuple(self.lamps)} if groups is None else groups
        self.api = BridgeApi(self.lamps, Groups(self.lamps, named))
        self.commands: deque[Command] = deque(maxlen=10_000)
        self.requests = 0
        self.misbehaviour: Misbehaviour | None = None
        self.delay_s = 0.0  # before every answer
        self.rate_answer: Literal["429", "901"] = "429"
        self._lights_rate = RateLimit(LIGHT_COMMANDS_A_SECOND)
        self._groups_rate = RateLimit(GROUP_COMMANDS_A_SECOND)
        self._port = port
        self._tls = tls
        self._runner: web.ServerRunner | None = None
        if key:
            self.allow_key(key)

    @property
    def address(self) -> str:
        """Return "127.0.0.1:port"."""
        return f"{HOST}:{self._port}"

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    async def listen(self) -> None:
        """Take connections, on the same port as before if there was one."""
        if self._runner is not None:
            return
        server = web.Server(self._answer, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port, ssl_context=self._tls).start()
        self._port = self._runner.addresses[0][1]

    async def refuse(self) -> None:
        """Cut every connection and refuse new ones, until `listen`."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def restart(self, down_s: float = 0.0) -> None:
        """Be gone for a while, and come back on the same port with the same lamps and keys."""
        await self.refuse()
        await asyncio.sleep(down_s)
        await self.listen()

    def press_link_button(self) -> None:
        """Let applications pair for the next 30 s."""
        self.api.pressed_at = time.monotonic()

    def allow_key(self, key: str) -> None:
        """Know a key as if it had been paired."""
        self.api.keys.add(key)

    def forget_keys(self) -> None:
        """Know nobody any more, as after a factory reset."""
        self.api.keys.clear()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        text = await request.read()
        await asyncio.sleep(self.delay_s)
        answer = self._reply(request.method, request.path, text)
        if self.misbehaviour is not None:
            return await misbehave(self.misbehaviour, request, answer)
        return answer

    def _reply(self, method: str, path: str, text: bytes) -> web.Response:
        root, *parts = path.strip("/").split("/")
        if root == "description.xml":
            return web.Response(text=self._description(), content_type="text/xml")
        if root != "api":
            return web.Response(status=404, text="Not Found")
        try:
            body = json.loads(text) if method in ("PUT", "POST") else None
        except ValueError:
            return web.json_response([error(2, "/", "body contains invalid json")])
        known = bool(parts) and parts[0] in self.api.keys
        if method == "PUT" and known and not self._take("/".join(parts[1:]), body):
            if self.rate_answer == "429":
                return web.Response(status=429, text="Too Many Requests")
            return web.json_response([error(901, "/", "Internal error, 503")])
        return web.json_response(self.api.answer(method, parts, body))

    def _take(self, path: str, body: Any) -> bool:
        """Log a command and return whether it is carried out."""
        rate = self._groups_rate if path.startswith("groups/") else self._lights_rate
        lost = self.misbehaviour is not None and self.misbehaviour not in EFFECTIVE
        accepted = not lost and rate.take()
        self.commands.append(Command(time.monotonic(), path, body, accepted))
        return accepted

    def _description(self) -> str:
        return (
            '<?xml version="1.0" encoding="UTF-8"?><root xmlns="urn:schemas-upnp-org:device-1-0">'
            f"<URLBase>http://{self.address}/</URLBase><device><modelName>Philips hue bridge 2015"
            f"</modelName><serialNumber>{self.api.bridge_id}</serialNumber></device></root>"
        )
