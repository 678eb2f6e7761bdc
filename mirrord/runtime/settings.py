"""Plain data into typed settings, with errors that a person can act on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from mirrord.errors import ConfigError
from mirrord.runtime.expected import STEP, expected, field_names, given, types_at

T = TypeVar("T", bound=msgspec.Struct)

_PATH = re.compile(r"^(?P<said>.*) - at `(?:key in )?\$(?P<path>[^`]*)`$", re.DOTALL)
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<key>.*)`$")
_WRONG = re.compile(r"^Expected `[^`]*`(?P<type>, got `)?|^Invalid enum value (?P<choice>.*)$")


def convert(data: Mapping[str, Any], kind: type[T], where: str, table: str = "") -> T:
    """Return `data` as `kind`.

    Raises ConfigError naming `where` (the file), the key below `table`, what was expected and,
    for an unknown key, the nearest known name.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        said = explain(str(error), data, kind, table)[1]
        raise ConfigError(f"{where}: {said}") from None


def nearest(word: str, known: list[str]) -> str:
    """Return "; did you mean X?" or nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def explain(
    message: str, data: Any, kind: type[msgspec.Struct], table: str = "", thing: str = "setting"
) -> tuple[str, str]:
    """Return the key that msgspec's message is about, and a sentence for a person.

    `thing` is what a key is called: a setting, a parameter.
    """
    key, said = _explain(message, data, kind, table, thing)
    return key, " ".join(said.split())


def _explain(
    message: str, data: Any, kind: type[msgspec.Struct], table: str, thing: str
) -> tuple[str, str]:
    match = _PATH.match(message)
    said, path = (match["said"], match["path"].lstrip(".")) if match else (message, "")
    types = types_at(msgspec.inspect.type_info(kind), path)
    place = _joined(table, path)
    if unknown := _UNKNOWN.match(said):
        key = _joined(place, unknown["key"])
        return key, f"{key}: no such {thing}{_advice(unknown['key'], types)}"
    if missing := _MISSING.match(said):
        wanted = expected(types_at(msgspec.inspect.type_info(kind), _joined(path, missing["key"])))
        key = _joined(place, missing["key"])
        return key, f"{key}: is missing; expected {wanted}"
    if wrong := _WRONG.match(said):
        said = f"expected {expected(types)}{_instead(wrong, _value_at(data, path))}"
    return place, f"{place}: {said}" if place else said


def _advice(key: str, types: list[msgspec.inspect.Type]) -> str:
    known = field_names(types)
    return nearest(key, known) or (f"; known are {', '.join(known)}" if known else "")


def _instead(wrong: re.Match[str], value: Any) -> str:
    """Say what was given. Only a word where there is a choice is repeated: text may be a secret."""
    if wrong["choice"]:
        return f", not {wrong['choice']}"
    if value is msgspec.UNSET or (isinstance(value, str) and not wrong["type"]):
        return ""
    if isinstance(value, list) and not wrong["type"]:
        return f", not {len(value)}"
    return f", not {given(value)}"


def _value_at(data: Any, path: str) -> Any:
    """Return what is written at `path`, or UNSET where the path does not tell the key."""
    for step in STEP.findall(path):
        try:
            data = data[int(step[1:-1]) if step.startswith("[") else step]
        except (LookupError, TypeError, ValueError):
            return msgspec.UNSET
    return data


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)
