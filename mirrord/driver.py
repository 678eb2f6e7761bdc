"""What a driver is: all that a driver imports of mirrord.

Beside it `mirrord.mqtt` is for devices behind a broker, and `mirrord.lamp_colour` for lamps.

A driver package offers a `Plugin` under the entry-point group `mirrord.drivers`:

    [project.entry-points."mirrord.drivers"]
    lamp = "my_lamp:plugin"

`Plugin.open(config, host)` is an async context manager that connects, and yields an object with
`apply(environment)`. The host calls `apply` when the wish changes and every few seconds while it
does not, one call at a time, with the newest wish only. An apply that has nothing to change should
send nothing. Raise `Unavailable` when the device cannot be reached (the host closes the driver and
opens it again after a pause), `Refused` when trying again would not help.

When `environment.present` is False nobody is there: give the device back as it was found and keep
the connection. Leaving the context gives it back too. Opening changes nothing: `mirrord check`
opens a driver beside a running mirror, and closes it again. Nothing blocks: a blocking library
belongs in a `Worker`.

The host waits 15 s for an opening, 10 s for an apply and 5 s for a closing. `drivers/README.md` has
a whole driver; `mirrord.testing` checks one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

import click

from mirrord.errors import ConfigError, MirrorError, Refused, Unavailable
from mirrord.model import AirQuality, Device, DeviceKind, DeviceWish, Environment, Value
from mirrord.runtime.secret import read_secret, write_secret
from mirrord.runtime.worker import Worker

__all__ = [
    "AirQuality",
    "ConfigError",
    "Device",
    "DeviceKind",
    "DeviceWish",
    "Discovered",
    "Driver",
    "Environment",
    "Host",
    "MirrorError",
    "Plugin",
    "Refused",
    "Unavailable",
    "Value",
    "Worker",
    "read_secret",
    "write_secret",
]

ConfigT = TypeVar("ConfigT")


class Driver(Protocol):
    """An opened device, or family of devices."""

    async def apply(self, environment: Environment) -> None:
        """Bring the room towards `environment`. Raises Unavailable or Refused."""


class Host(Protocol):
    """What the daemon offers to a driver."""

    @property
    def state_dir(self) -> Path:
        """Where the driver may keep files (keys) of its own."""

    @property
    def memory(self) -> MutableMapping[str, Any]:
        """JSON-able values that outlive a reopening and a crash; usable from any thread.

        Keep here how a device was found, before touching it; delete the entry once it is restored.
        An entry from an earlier opening is how the device was found then: believe it. Reading gives
        a copy: to change a value, assign it anew.
        """

    def report(self, device: Device) -> None:
        """Show the state of a device on the page. May be called from any thread."""


class Discovered(str):
    """A line of `discover` that knows which keys of `[drivers.<name>]` would use what it names."""

    settings: Mapping[str, Any]

    def __new__(cls, line: str, settings: Mapping[str, Any]) -> Self:
        found = super().__new__(cls, line)
        found.settings = dict(settings)
        return found


@dataclass(frozen=True, slots=True)
class Plugin(Generic[ConfigT]):
    """A driver as the mirror finds it.

    `config` is a msgspec.Struct with `forbid_unknown_fields=True`; its fields are the keys of
    `[drivers.<name>]`. `discover` lists what could be configured (one line each, `Discovered` if
    a few keys are enough to use it) within 3 s.
    `pair` obtains and stores a key, calling its last argument with progress in 0..1.
    `commands` are added to the `mirrord` command line.
    """

    name: str
    title: str
    config: type[ConfigT]
    open: Callable[[ConfigT, Host], AbstractAsyncContextManager[Driver]]
    discover: Callable[[], Awaitable[Sequence[str]]] | None = None
    pair: Callable[[ConfigT, Host, Callable[[float], None]], Awaitable[str]] | None = None
    commands: tuple[click.Command, ...] = ()
