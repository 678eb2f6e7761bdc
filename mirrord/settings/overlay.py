"""What was changed on the page: a layer over the settings file, with its history. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mirrord.config import Config
from mirrord.errors import ConfigError
from mirrord.runtime.settings import convert, nearest

LONGEST_HISTORY = 200
_OURS = ("file", "stated")


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key before and after; what is UNSET is the file's."""

    key: str  # "camera.fps", "drivers.hue.bridge"
    before: Any | UnsetType = UNSET
    after: Any | UnsetType = UNSET


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was changed together."""

    at: datetime  # UTC
    changes: tuple[Change, ...]


class Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The changes in force, and the steps that led there.

    The first `done` steps are in force; those after them were taken back and can be done again.
    """

    v: Literal[1] = 1
    values: dict[str, Any] = {}
    history: tuple[Step, ...] = ()
    done: int = 0

    def changed(self, wanted: Mapping[str, Any], at: datetime) -> Overlay:
        """Return it with one more step; a key wanted UNSET goes back to the file's value."""
        changes = tuple(
            Change(key, self.values.get(key, UNSET), after)
            for key, after in wanted.items()
            if not _same(self.values.get(key, UNSET), after)
        )
        if not changes:
            return self
        history = (*self.history[: self.done], Step(at, changes))[-LONGEST_HISTORY:]
        return Overlay(1, _with(self.values, changes), history, len(history))

    def at_step(self, done: int) -> Overlay:
        """Return it with the first `done` steps in force. Raises ConfigError beyond the history."""
        if not 0 <= done <= len(self.history):
            raise ConfigError(f"to: expected a whole number from 0 to {len(self.history)}")
        values = self.values
        for step in reversed(self.history[done : self.done]):
            values = _with(values, [Change(one.key, after=one.before) for one in step.changes])
        for step in self.history[self.done : done]:
            values = _with(values, step.changes)
        return Overlay(1, values, self.history, done)


def layered(base: Config, values: Mapping[str, Any]) -> Config:
    """Return the file's settings with `values` over them. Raises ConfigError naming the key.

    A driver without a table in the file stays off until a value switches it on.
    """
    tables = tables_of(base)
    for key, value in values.items():
        table, name = _split(key, tables)
        table[name] = value
    ours = {name: getattr(base, name) for name in _OURS}
    return convert({**tables, **ours}, Config, "settings")


def usable(base: Config, values: Mapping[str, Any], check: Callable[[Config], object]) -> set[str]:
    """Return the keys of `values` that can be used together; `check` raises ConfigError."""
    good: dict[str, Any] = {}
    left = dict(values)
    progress = True
    while left and progress:  # one may need another that comes later: a password its user name
        progress = False
        for key in list(left):
            if not complaint(base, good | {key: left[key]}, check):
                good[key] = left.pop(key)
                progress = True
    return set(good)


def complaint(base: Config, values: Mapping[str, Any], check: Callable[[Config], object]) -> str:
    """Return why `values` cannot be used, or nothing."""
    try:
        check(layered(base, values))
    except ConfigError as error:
        return str(error).removeprefix("settings: ")
    return ""


def tables_of(config: Config) -> dict[str, Any]:
    """Return the settings as plain tables."""
    tables: dict[str, Any] = msgspec.to_builtins(config)
    return {name: table for name, table in tables.items() if name not in _OURS}


def value_at(config: Config, key: str) -> Any:
    """Return the plain value of a key, UNSET if its table does not state it."""
    tables = tables_of(config)
    name = key.rpartition(".")[0]
    driver = name.removeprefix("drivers.")
    table = tables["drivers"].get(driver, {}) if driver != name else tables.get(name, {})
    return table.get(key.rpartition(".")[2], UNSET)


def _split(key: str, tables: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the table that a dotted key is in, and its name there."""
    place, _, name = key.rpartition(".")
    if place.startswith("drivers."):
        drivers: dict[str, dict[str, Any]] = tables["drivers"]
        return drivers.setdefault(place.removeprefix("drivers."), {"enabled": False}), name
    known = [one for one in tables if one != "drivers"]
    if place not in known:
        raise ConfigError(f"settings: {key}: no such setting{nearest(place, known)}")
    table: dict[str, Any] = tables[place]
    return table, name


def _with(values: Mapping[str, Any], changes: Collection[Change]) -> dict[str, Any]:
    changed = {**values, **{change.key: change.after for change in changes}}
    return {key: value for key, value in changed.items() if value is not UNSET}


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
