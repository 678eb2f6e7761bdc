"""A host for the driver of lights on the bench: keeps its memory and what it reports."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from mirrord.driver import Device, Value
from mirrord.driver_host.memory import Memory
from mirrord.runtime.settings import convert
from mirrord_hub_entities import plugin
from mirrord_hub_entities.room import Room
from mirrord_hub_entities.settings import HubEntitiesSettings
from tests.fakes.lights import SimulatedLight


class LightBench:
    """Fulfils `mirrord.driver.Host`."""

    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        self.kept: dict[str, Any] = dict(kept or {})
        self.memory = Memory(self.kept, self._save)
        self.memory.attach(asyncio.get_running_loop())
        self.devices: dict[str, Device] = {}
        self.state_dir = Path()

    def report(self, device: Device) -> None:
        self.devices[device.id] = device

    def open(self, *lights: SimulatedLight, **more: Any) -> AbstractAsyncContextManager[Room]:
        return plugin.open(settings(table(*lights) | more), self)

    def value(self, light: SimulatedLight, key: str) -> Value:
        device = self.devices.get(f"light:{light.topic}")
        return device.values.get(key) if device else None

    def _save(self, values: dict[str, Any]) -> None:
        self.kept = values


def table(*lights: SimulatedLight) -> dict[str, Any]:
    """Return the driver's table for some lights at one broker."""
    where = {"host": lights[0].host, "port": lights[0].port}
    return where | {"lights": [one.settings for one in lights]}


def settings(values: dict[str, Any]) -> HubEntitiesSettings:
    return convert(values, HubEntitiesSettings, "mirrord.toml", "drivers.hub_entities")
