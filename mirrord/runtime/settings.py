"""Plain data into typed settings, with errors that a person can act on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from mirrord.errors import ConfigError

T = TypeVar("T", bound=msgspec.Struct)

_PATH = re.compile(r"^(?P<said>.*?) - at `(?:key in )?\$(?P<path>[^`]*)`$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]*)`")


def convert(data: Mapping[str, Any], kind: type[T], where: str, table: str = "") -> T:
    """Return `data` as `kind`.

    Raises ConfigError naming `where` (the file), the key below `table`, what was expected and,
    for an unknown key, the nearest known name.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {_explain(str(error), kind, table)}") from None


def _explain(message: str, kind: type[msgspec.Struct], table: str) -> str:
    match = _PATH.match(message)
    said, path = (match["said"], match["path"].lstrip(".")) if match else (message, "")
    place = ".".join(part for part in (table, path) if part)
    unknown = _UNKNOWN.search(said)
    if unknown is None:
        said = said[0].lower() + said[1:]
        return f"{place}: {said}" if place else said
    key = ".".join(part for part in (place, unknown["key"]) if part)
    known = _fields_at(kind, path)
    near = difflib.get_close_matches(unknown["key"], known, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return f"{key}: no such setting; {advice}"


def _fields_at(kind: type[msgspec.Struct], path: str) -> list[str]:
    """Return the field names of the struct that `path` ("camera", "thermostats[0]") leads to."""
    info: Any = msgspec.inspect.type_info(kind)
    for step in re.findall(r"[^.\[\]]+|\[\d*\.*\]", path):
        info = _struct_within(info)
        if step.startswith("["):
            continue
        info = next(field.type for field in info.fields if field.encode_name == step)
    return [field.encode_name for field in _struct_within(info).fields]


def _struct_within(info: Any) -> Any:
    while not hasattr(info, "fields"):
        if hasattr(info, "types"):
            info = next(one for one in info.types if not isinstance(one, msgspec.inspect.NoneType))
        else:
            info = info.item_type if hasattr(info, "item_type") else info.value_type
    return info
