"""The plain value of every key, drivers' keys among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mirrord.config import Config
from mirrord.driver import Plugin
from mirrord.runtime.settings import convert
from mirrord.settings.overlay import tables_of, value_at


class Values:
    """Reads values out of settings, as their types have them.

    `fields` describes every key. A driver's table is what its plugin makes of it, with its defaults
    where nothing is stated.
    """

    def __init__(
        self, plugins: Mapping[str, Plugin[Any]], fields: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._plugins = plugins
        self._needing = {_table(key) for key in fields if "default" not in fields[key]}

    def of(self, key: str, config: Config) -> Any:
        """Return the value of a key; None of a driver that has to be told more before it works."""
        table, name = _table(key), key.rpartition(".")[2]
        driver = table.removeprefix("drivers.")
        if driver == table:
            return value_at(config, key)
        stated = dict(tables_of(config)["drivers"].get(driver, {"enabled": False}))
        enabled = stated.pop("enabled", True)
        if name == "enabled":
            return enabled
        if not stated and table in self._needing:
            return None
        typed = convert(stated, self._plugins[driver].config, "settings", table)
        # Lists, as they are kept, not tuples.
        return msgspec.json.decode(msgspec.json.encode(typed)).get(name)


def _table(key: str) -> str:
    return key.rpartition(".")[0]
