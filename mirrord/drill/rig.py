"""What a drill works on: a mirror in its own process, in a simulated room or in the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from mirrord.config import Config, consent_path, load, store_path
from mirrord.consent import Consent
from mirrord.drill.process import MirrorProcess, command_of
from mirrord.simulator.broker import free_port
from mirrord.simulator.proxy import TcpProxy
from mirrord.simulator.room import SimulatedRoom, simulated_room
from mirrord.simulator.speaker import SimulatedSpeaker
from mirrord.simulator.stream import SimulatedCamera, faces
from mirrord.status import socket_path

_OWN: Final = frozenset({"file", "stated"})


@dataclass(frozen=True, slots=True)
class Rig:
    """The mirror under test, and the folder with its database."""

    mirror: MirrorProcess
    database: Path


@dataclass(frozen=True, slots=True)
class SimulatedRig(Rig):
    """With everything around it: a camera, a room, and networks to both kinds of devices."""

    page: str
    camera: SimulatedCamera
    room: SimulatedRoom
    speaker: SimulatedSpeaker
    to_bridge: TcpProxy
    to_broker: TcpProxy

    def found(self) -> dict[str, Any]:
        """Return how the devices are now: what has to be given back."""
        lamps = self.room.bridge.lamps.items()
        climate = self.room.climate
        return {
            "lamps": {number: {**lamp.describe(number)["state"]} for number, lamp in lamps},
            "thermostat": climate.thermostat.setpoint,
            "radiator": climate.radiator.setpoint,
            "humidifier": climate.humidifier.target,
        }


@asynccontextmanager
async def simulated_rig(folder: Path, **store: Any) -> AsyncIterator[SimulatedRig]:
    """Make a room and a mirror for it, which is not started yet; `store` adds to its settings."""
    state = folder / "state"
    state.mkdir(mode=0o700)
    async with AsyncExitStack() as stack:
        camera = await stack.enter_async_context(SimulatedCamera(faces()))
        speaker = await stack.enter_async_context(SimulatedSpeaker(folder / "speaker"))
        room = await stack.enter_async_context(simulated_room(folder, speaker.device))
        host, _, port = room.bridge.address.partition(":")
        to_bridge = await stack.enter_async_context(TcpProxy(host, int(port)))
        to_broker = await stack.enter_async_context(TcpProxy(room.broker.host, room.broker.port))
        page = free_port()
        database = state / "mirror.sqlite3"
        tables = _settings(camera, room, to_bridge, to_broker, page)
        tables["store"] = {"path": str(database), "flush_s": 0.5, "every_s": 0.2} | store
        settings = folder / "drill.toml"
        settings.write_text(toml(tables), encoding="utf-8")
        Consent(consent_path(load(settings))).give("drill", "home")  # nobody else is there
        process = MirrorProcess(
            command_of(settings, jumping=True), state, database.with_name("mirrord.sock")
        )
        where = f"http://127.0.0.1:{page}/"
        yield SimulatedRig(process, database, where, camera, room, speaker, to_bridge, to_broker)


def real_rig(config: Config, state: Path) -> Rig:
    """Return the mirror of a settings file, which is not started yet."""
    command = command_of(Path(config.file), jumping=False)
    return Rig(MirrorProcess(command, state, socket_path(config)), store_path(config))


def _settings(
    camera: SimulatedCamera,
    room: SimulatedRoom,
    to_bridge: TcpProxy,
    to_broker: TcpProxy,
    page: int,
) -> dict[str, Any]:
    drivers = {name: dict(table) for name, table in room.drivers.items()}
    drivers["hue"]["bridge"] = f"{to_bridge.host}:{to_bridge.port}"
    broker = {"host": to_broker.host, "port": to_broker.port}
    drivers["thermostat"] |= {**broker, "keepalive_s": 5}
    return {
        "mirror": {"name": "Drill"},
        "camera": {"source": camera.url, "fps": 5.0},
        "room": {"thermostat_every_s": 60.0},
        "web": {"port": page, "password": "optional"},
        "hub": broker,
        "drivers": drivers,
    }


def toml(tables: dict[str, Any], path: str = "") -> str:
    """Return settings as TOML: tables of plain values, lists and dictionaries."""
    plain = {key: value for key, value in tables.items() if not isinstance(value, dict)}
    text = f"[{path}]\n" if path and plain else ""
    text += "".join(f"{key} = {_value(value)}\n" for key, value in plain.items())
    for key, value in tables.items():
        if isinstance(value, dict):
            text += toml(value, f"{path}.{key}" if path else key)
    return text


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return msgspec.json.encode(value).decode()
