"""A host for the thermostat driver on the bench: keeps its memory and what it reports."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from mirrord.driver import Device, Value
from mirrord.driver_host.memory import Memory
from mirrord.runtime.settings import convert
from mirrord_thermostat import plugin
from mirrord_thermostat.room import Room
from mirrord_thermostat.settings import BrokerSettings

SOON_S = 15.0  # a generous bound for what takes milliseconds on an idle machine


class Bench:
    """Fulfils `mirrord.driver.Host`."""

    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        self.kept: dict[str, Any] = dict(kept or {})
        self.memory = Memory(self.kept, self._save)
        self.memory.attach(asyncio.get_running_loop())
        self.devices: dict[str, Device] = {}
        self.state_dir = Path()

    def report(self, device: Device) -> None:
        self.devices[device.id] = device

    def open(self, table: dict[str, Any]) -> AbstractAsyncContextManager[Room]:
        return plugin.open(settings(table), self)

    def value(self, kind: str, key: str) -> Value:
        """Return a value of the one device of its kind, None before it is known."""
        found = [one for one in self.devices.values() if one.kind == kind]
        return found[0].values.get(key) if found else None

    def _save(self, values: dict[str, Any]) -> None:
        self.kept = values


def settings(table: dict[str, Any]) -> BrokerSettings:
    return convert(table, BrokerSettings, "mirrord.toml", "drivers.thermostat")
