"""Which drivers are installed, and which of them the settings ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

from mirrord.config import Config, nearest
from mirrord.driver import ConfigError, Driver, Host, Plugin, Refused
from mirrord.runtime.settings import convert

GROUP = "mirrord.drivers"


@dataclass(frozen=True, slots=True)
class Configured:
    """A driver that the settings ask for, its table converted to its own type."""

    name: str
    plugin: Plugin[Any]
    config: Any
    enabled: bool


class AnyTable(msgspec.Struct):
    """The settings of a driver that cannot be loaded: whatever they are."""


class _Installed(Mapping[str, Plugin[Any]]):
    """Loads a driver when it is asked for, so that nobody pays for one that is not used."""

    def __init__(self) -> None:
        self._loaded: dict[str, Plugin[Any]] = {}

    @cached_property
    def _offers(self) -> dict[str, list[EntryPoint]]:
        offers: dict[str, list[EntryPoint]] = {}
        for point in entry_points(group=GROUP):
            offers.setdefault(point.name, []).append(point)
        return offers

    def __getitem__(self, name: str) -> Plugin[Any]:
        if name not in self._loaded:
            self._loaded[name] = _load(name, self._offers[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._offers

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._offers))

    def __len__(self) -> int:
        return len(self._offers)


def installed_plugins() -> Mapping[str, Plugin[Any]]:
    """Return the drivers of every installed package by name, each imported at its first use.

    One that cannot be imported is a plugin whose `open` raises Refused with the reason.
    """
    return _Installed()


def needs_settings(plugin: Plugin[Any]) -> bool:
    """Whether a driver cannot do without a table of its own."""
    return any(field.required for field in msgspec.structs.fields(plugin.config))


def driver_tables(config: Config) -> dict[str, dict[str, Any]]:
    """Return the table of every driver that can run; those that the settings do not name are off.

    An installed driver that needs settings (an address) is there only if they name it.
    """
    plugins = installed_plugins()
    off: dict[str, dict[str, Any]] = {
        name: {"enabled": False} for name in plugins if not needs_settings(plugins[name])
    }
    return off | config.drivers


def configured(
    tables: Mapping[str, Mapping[str, Any]],
    where: str,
    plugins: Mapping[str, Plugin[Any]] | None = None,
) -> dict[str, Configured]:
    """Return the drivers that `tables` ([drivers.<name>]) ask for.

    Raises ConfigError naming `where` (the file) for a driver that is not installed, and for a
    table that its driver does not understand.
    """
    plugins = installed_plugins() if plugins is None else plugins
    return {name: _configure(name, dict(table), where, plugins) for name, table in tables.items()}


def _configure(
    name: str, table: dict[str, Any], where: str, plugins: Mapping[str, Plugin[Any]]
) -> Configured:
    if name not in plugins:
        have = f"installed are {', '.join(plugins)}" if plugins else "none is installed"
        raise ConfigError(
            f"{where}: drivers.{name}: no such driver{nearest(name, list(plugins))}; {have}"
        )
    enabled = table.pop("enabled", True)
    if not isinstance(enabled, bool):
        raise ConfigError(f"{where}: drivers.{name}.enabled: expected true or false")
    plugin = plugins[name]
    return Configured(
        name, plugin, convert(table, plugin.config, where, f"drivers.{name}"), enabled
    )


def _load(name: str, points: Sequence[EntryPoint]) -> Plugin[Any]:
    homes = sorted({point.dist.name if point.dist else point.value for point in points})
    if len(homes) > 1:
        return _broken(name, f"{' and '.join(homes)} both offer it; uninstall one")
    try:
        plugin = points[0].load()
    except Exception as error:  # a stranger's module may raise anything while it is imported
        return _broken(name, f"{homes[0]} cannot be imported ({type(error).__name__}: {error})")
    if not isinstance(plugin, Plugin):
        return _broken(name, f"{points[0].value} of {homes[0]} is no mirrord.driver.Plugin")
    return plugin


def _broken(name: str, reason: str) -> Plugin[AnyTable]:
    @asynccontextmanager
    async def refuse(_config: AnyTable, _host: Host) -> AsyncIterator[Driver]:
        raise Refused(f"the driver {name} cannot be used: {reason}")
        yield  # makes this a generator

    return Plugin(name, name, AnyTable, refuse)
