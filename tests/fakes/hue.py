"""A host and a bridge for the tests of the Hue driver: simulated, or the one from npm."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from mirrord.driver import Device, Driver, write_secret
from mirrord.driver_host.memory import Memory
from mirrord.driver_host.side import HostSide
from mirrord.simulator.bridge import Command, SimulatedBridge, SimulatedLamp
from mirrord_hue import HueSettings, plugin

KEY = "the-key-of-these-tests"
PEER = Path(__file__).parents[2] / ".peers/node_modules/hue-simulator/bin/hue-simulator"


class Home:
    """What a mirror keeps for the driver: files, memory (as saved), devices as last reported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.saved: dict[str, Any] = {}
        self.devices: dict[str, Device] = {}

    def side(self) -> HostSide:
        memory = Memory(self.saved, self._save)
        memory.attach(asyncio.get_running_loop())
        return HostSide(self.folder, memory, self._see)

    def device(self, name: str) -> Device:
        return next(one for one in self.devices.values() if one.name == name)

    @asynccontextmanager
    async def opened(self, bridge: str, **settings: Any) -> AsyncIterator[Driver]:
        if not settings.get("key_file") and not (self.folder / "hue.key").exists():
            write_secret(self.folder / "hue.key", KEY)
        async with plugin.open(HueSettings(bridge=bridge, **settings), self.side()) as driver:
            yield driver

    def _save(self, values: dict[str, Any]) -> None:
        self.saved = json.loads(json.dumps(values))

    def _see(self, device: Device) -> None:
        self.devices[device.id] = device


def lamps_of(*models: str) -> list[SimulatedLamp]:
    """Return lamps of these models."""
    return [SimulatedLamp(f"Lamp {at}", model) for at, model in enumerate(models, start=1)]


def states(bridge: SimulatedBridge) -> dict[str, dict[str, Any]]:
    """Return how each lamp is, by its number."""
    return {number: dict(lamp.state) for number, lamp in bridge.lamps.items()}


def sent(bridge: SimulatedBridge) -> list[tuple[str, dict[str, Any]]]:
    """Return path and body of the commands so far."""
    return [(command.path, command.body) for command in bridge.commands]


def most_in_a_second(commands: list[Command]) -> int:
    """Return the largest number of commands that arrived within a second."""
    times = sorted(command.at for command in commands)
    return max((sum(start <= at < start + 1.0 for at in times) for start in times), default=0)


@asynccontextmanager
async def npm_bridge() -> AsyncIterator[str]:
    """Run hue-simulator and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        "node",
        str(PEER),
        f"--port={port}",
        "--hostname=127.0.0.1",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listening(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    end = time.monotonic() + 30.0
    while time.monotonic() < end and process.returncode is None:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.05)
    raise AssertionError("hue-simulator does not start: run `make test`, which installs it")


async def get(address: str, path: str) -> Any:
    """Return the JSON at a path of a bridge."""
    async with aiohttp.ClientSession() as client, client.get(f"http://{address}{path}") as answer:
        return json.loads(await answer.text())
