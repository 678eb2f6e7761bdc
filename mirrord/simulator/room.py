"""A whole room: a Hue bridge, a broker, and the climate behind it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirrord.runtime.secret import write_secret
from mirrord.simulator.bridge import SimulatedBridge
from mirrord.simulator.broker import SimulatedBroker
from mirrord.simulator.climate import SimulatedClimate


@dataclass(frozen=True, slots=True)
class SimulatedRoom:
    """The devices, running, and the tables `[drivers.*]` that lead to them."""

    bridge: SimulatedBridge
    broker: SimulatedBroker
    climate: SimulatedClimate
    drivers: dict[str, dict[str, Any]]


@asynccontextmanager
async def simulated_room(folder: Path, audio: str) -> AsyncIterator[SimulatedRoom]:
    """Start everything on free ports; the bridge's key goes into `folder`.

    `audio` is the sound output, as in `[drivers.audio] device`.
    """
    key = secrets.token_hex(20)
    key_file = folder / "simulated-hue.key"
    write_secret(key_file, key)
    async with (
        SimulatedBridge(key=key) as bridge,
        SimulatedBroker() as broker,
        SimulatedClimate(broker.host, broker.port) as climate,
    ):
        drivers: dict[str, dict[str, Any]] = {
            "hue": {"bridge": bridge.address, "key_file": str(key_file)},
            "thermostat": climate.settings(),
            "audio": {"device": audio},
        }
        yield SimulatedRoom(bridge, broker, climate, drivers)
