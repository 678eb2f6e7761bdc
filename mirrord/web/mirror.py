"""What the page needs of a mirror, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from mirrord.controls import Controls
from mirrord.errors import ConfigError
from mirrord.runtime.settings import convert, nearest


class Mirror(Protocol):
    """The running mirror, as the page sees it."""

    def state(self) -> dict[str, Any]:
        """Return everything that the page shows, JSON-able; `rev` grows with every change."""

    async def wait_change(self, after: int) -> int:
        """Return the new `rev` once it is larger than `after`."""

    async def control(self, change: dict[str, Any]) -> None:
        """Take over a checked part of the state's `controls`. Raises ConfigError."""


# What may be asked is any part of the controls; what is left out stays as it is. Which drivers
# there are is checked below, with a better sentence.
Change = msgspec.defstruct(
    "Change",
    [
        (field.name, (dict[str, Any] if field.name == "drivers" else field.type) | UnsetType, UNSET)
        for field in msgspec.structs.fields(Controls)
    ],
    frozen=True,
    forbid_unknown_fields=True,
)

MIRROR = web.AppKey("mirror", Mirror)


def check_change(asked: object, drivers: Collection[str]) -> dict[str, Any]:
    """Return what was asked, typed. Raises ConfigError naming the key and what was expected."""
    if not isinstance(asked, dict):
        raise ConfigError('control: expected an object such as {"camera": false}')
    change: dict[str, Any] = msgspec.to_builtins(convert(asked, Change, "control"))
    if not change:
        known = ", ".join(Change.__struct_fields__)
        raise ConfigError(f"control: nothing to change; known are {known}")
    for name, enabled in change.get("drivers", {}).items():
        if name not in drivers:
            raise ConfigError(
                f"control: drivers.{name}: no such driver{nearest(name, list(drivers))}"
            )
        if not isinstance(enabled, bool):
            raise ConfigError(f"control: drivers.{name}: expected true or false")
    return change
