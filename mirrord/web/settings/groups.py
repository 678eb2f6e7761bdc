"""The groups of the page: which tables, in which order, what of them is for experts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mirrord.config import Config
from mirrord.driver import Plugin
from mirrord.web.settings.describe import fields_of

# What most people look for comes first; drivers stand where the room is.
_ORDER = ("mirror", "camera", "room", "drivers", "mood", "store", "vision", "web")
_EXPERT = {
    "camera": {"fps", "width", "height", "loop"},
    "vision": {"min_face_px", "threads", "model"},
    "mood": {"smoothing_s", "dwell_s", "table"},
    "room": {"thermostat_every_s"},
    "store": {"path", "flush_s", "every_s"},
    "web": {"host", "port"},
    "hub": {"port", "tls", "ca_file", "cert_file", "key_file"}
    | {"base_topic", "discovery", "discovery_prefix"},
    "sync": {"every_s", "outbox_mb", "ca_file"},
    "drivers.hue": {"key_file", "transition_s"},
    "drivers.thermostat": {"port", "tls", "ca_file", "keepalive_s"},
    "drivers.hub_entities": {"port", "tls", "ca_file", "keepalive_s"},
}
# What a running mirror cannot take over: it takes effect when the mirror is started again.
_RESTART = frozenset({"store.path"})
_AT_START = frozenset({"web"})
_ENABLED: dict[str, Any] = {
    "name": "enabled",
    "label": "Enabled",
    "kind": "switch",
    "expected": "true or false",
    "default": True,
}


def groups(plugins: Mapping[str, Plugin[Any]]) -> list[dict[str, Any]]:
    """Return the tables with the description of each key, drivers among them."""
    own = {field.name: field.type for field in msgspec.structs.fields(Config)}
    found = []
    for table in [*_ORDER, *(name for name in own if name not in _ORDER)]:
        if table == "drivers":
            found += [_driver(name, plugin) for name, plugin in plugins.items()]
        elif isinstance(own[table], type) and issubclass(own[table], msgspec.Struct):
            found.append(_group(table, table.capitalize(), own[table]))
    return found


def _driver(name: str, plugin: Plugin[Any]) -> dict[str, Any]:
    group = _group(f"drivers.{name}", plugin.title, plugin.config)
    enabled = _ENABLED | {"key": f"drivers.{name}.enabled"}
    return {
        **group,
        "driver": name,
        "finds": plugin.discover is not None,
        "pairs": plugin.pair is not None,
        "fields": [enabled, *group["fields"]],
    }


def _group(table: str, title: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    expert = _EXPERT.get(table, set())
    fields = []
    for field in fields_of(kind):
        key = f"{table}.{field['name']}"
        marks = {"expert": True} if field["name"] in expert else {}
        marks |= {"restart": True} if key in _RESTART or table in _AT_START else {}
        fields.append({**field, "key": key, **marks})
    return {"table": table, "title": title, "fields": fields}
