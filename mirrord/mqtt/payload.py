"""What arrives over MQTT: bytes that may be anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec


class Junk(Exception):
    """A payload is not what its topic promises."""


def text(payload: bytes) -> str:
    """Return stripped UTF-8 text, or raise Junk."""
    try:
        return payload.decode().strip()
    except UnicodeDecodeError:
        raise Junk("no UTF-8 text") from None


def document(payload: bytes) -> Any:
    """Return the JSON value of a payload, or raise Junk. NaN and infinity are no JSON."""
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Junk("no JSON") from None


def number(value: Any) -> float:
    """Return a finite number given as a number or as text, or raise Junk."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Junk("no number")
    try:
        result = float(value)
    except (ValueError, OverflowError):
        raise Junk("no number") from None
    if not math.isfinite(result):
        raise Junk("no finite number")
    return result


def number_within(value: Any, low: float, high: float) -> float:
    """Return a number of low..high, or raise Junk."""
    result = number(value)
    if not low <= result <= high:
        raise Junk(f"{result:g} is outside {low:g}..{high:g}")
    return result


def at(value: Any, field: str) -> Any:
    """Return what a field holds, or None where there is none.

    `field` is a JSON pointer (RFC 6901, "/thermostats/0/tmp") or a dotted path ("tmp.value").
    """
    if field.startswith("/"):
        steps = [step.replace("~1", "/").replace("~0", "~") for step in field[1:].split("/")]
    else:
        steps = field.split(".") if field else []
    for step in steps:
        value = _step(value, step)
    return value


def _step(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def plain(value: float) -> str:
    """Return a number as people write it: 21, 21.5."""
    return f"{round(value, 2):g}"
