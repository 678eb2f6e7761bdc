"""From the capture of a frame to the command on the wire, beyond inference, smoothing off.

Hue: the whole daemon with its own vision process looks at two expressions in turn, half a second
each, and steers one lamp; a command is dated where it reaches the bridge's HTTP server.
MQTT: the governor lets a setpoint move only every few minutes, so the wishes are made here, and a
command is dated where it reaches a device behind the broker.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirrord.config import Config, parse
from mirrord.daemon import Daemon, started
from mirrord.driver_host import DriverHost
from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp
from mirrord.simulator.broker import SimulatedBroker
from mirrord.simulator.climate import SimulatedClimate
from mirrord.testing import BRIGHT
from mirrord.wire import FrameSeen, Message
from tests.bench import clips
from tests.bench.process import quantiles, table

FPS = 2


def hue_settings(bridge: SimulatedBridge, folder: Path) -> Config:
    key = folder / "key"
    key.write_text("bench-key")
    key.chmod(0o600)
    tables = {
        "camera": {"source": clips.stills(folder / "stills"), "fps": FPS},
        "mood": {"smoothing_s": 0.0, "dwell_s": 0.0},
        "store": {"path": str(folder / "bench.sqlite3")},
        "web": {"port": 0},
        "drivers": {"hue": {"bridge": bridge.address, "key_file": str(key)}},
    }
    return parse(tables, "bench")


class Frames:
    """Notes the frames that the daemon takes in."""

    def __init__(self, daemon: Daemon) -> None:
        self.seen: list[FrameSeen] = []
        self._take = daemon.engine.take
        daemon.engine.take = self.take

    def take(self, message: Message) -> None:
        if isinstance(message, FrameSeen):
            self.seen.append(message)
        self._take(message)

    def before(self, at_s: float) -> FrameSeen | None:
        """Return the newest frame that was captured before a time."""
        older = [one for one in self.seen if one.captured_ns / 1e9 < at_s]
        return max(older, key=lambda one: one.captured_ns, default=None)


async def hue(seconds: float) -> tuple[list[float], list[float]]:
    """Return latencies beyond inference, and inference times, in ms."""
    with tempfile.TemporaryDirectory() as name:
        async with SimulatedBridge([SimulatedLamp("One")], key="bench-key", groups={}) as bridge:
            async with started(hue_settings(bridge, Path(name))) as (daemon, _url):
                frames = Frames(daemon)
                await asyncio.sleep(3.0)
                first = len(bridge.commands)
                await asyncio.sleep(seconds)
                commands = list(bridge.commands)[first:]
            pairs = [(one, frames.before(one.at)) for one in commands]
    found = [
        (1e3 * one.at - frame.captured_ns / 1e6, frame.inference_ms)
        for one, frame in pairs
        if frame
    ]
    return [waited - inference for waited, inference in found], [one for _, one in found]


async def mqtt(wishes: int) -> list[float]:
    """Return latencies in ms from the wish to the thermostat behind the broker."""
    with tempfile.TemporaryDirectory() as name:
        async with (
            SimulatedBroker() as broker,
            SimulatedClimate(broker.host, broker.port) as climate,
        ):
            await climate.connected()
            tables: dict[str, Any] = {"thermostat": climate.settings()}
            memory: dict[str, dict[str, Any]] = {"thermostat": {}}
            host = DriverHost(
                tables, Path(name), memory, lambda: None, lambda _name, _values: None, "bench"
            )
            running = asyncio.create_task(host.run())
            try:
                await _acquainted(host, climate)
                return [await _one(host, climate, number) for number in range(wishes)]
            finally:
                running.cancel()
                await asyncio.wait({running})


async def _acquainted(host: DriverHost, climate: SimulatedClimate) -> None:
    """Wait until the driver steers: a broker of MQTT 3.1.1 alone takes seconds to be known."""
    async with asyncio.timeout(20):
        while any(one.state != "ready" for one in host.status):
            await asyncio.sleep(0.05)
    await _one(host, climate, 1)
    await _one(host, climate, 0)


async def _one(host: DriverHost, climate: SimulatedClimate, number: int) -> float:
    goal = 20.0 + number % 2
    began = time.monotonic()
    host.wish(replace(BRIGHT, temperature_c=goal, captured_ns=round(began * 1e9)))
    while climate.thermostat.setpoint != goal:
        if time.monotonic() - began > 10:
            raise RuntimeError("the setpoint did not arrive")
        await asyncio.sleep(0.0005)
    took_ms = 1e3 * (time.monotonic() - began)
    await asyncio.sleep(0.2)
    return took_ms


def report(seconds: float = 60.0, wishes: int = 100) -> str:
    """Return the table."""
    beyond, inference = asyncio.run(hue(seconds))
    arrived = asyncio.run(mqtt(wishes))
    rows = [
        ["Hue over HTTP", len(beyond), *(f"{one:.1f} ms" for one in quantiles(beyond))],
        ["MQTT", len(arrived), *(f"{one:.1f} ms" for one in quantiles(arrived))],
        [
            "inference, for comparison",
            len(inference),
            *(f"{o:.1f} ms" for o in quantiles(inference)),
        ],
    ]
    head = ("wire", "commands", "p50 beyond inference", "p99 beyond inference")
    return table("From a frame's capture to the command on the wire", head, rows)
