"""Colours and brightness as devices write them: channels, hue and saturation, xy, a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mirrord.lamp_colour import hs_to_hex, rgb_to_hex, to_hex, to_hs, to_rgb, to_xy
from mirrord.mqtt.payload import Junk, number_within

_CODE = re.compile(r"#?([0-9A-Fa-f]{6})")
_HS_KEYS = (("h", "s"), ("hue", "saturation"))


def read_colour(value: Any) -> str | None:
    """Return "#RRGGBB" for whatever a device says; None where it says none. Raises Junk.

    Known are {"r", "g", "b"}, {"x", "y"}, {"h", "s"}, {"hue", "saturation"}, [r, g, b], "r,g,b"
    and "#RRGGBB". Saturations are per cent.
    """
    if isinstance(value, Mapping):
        return _of_mapping(value)
    if isinstance(value, str) and (code := _CODE.fullmatch(value.strip())):
        value = [int(code[1][at : at + 2], 16) for at in (0, 2, 4)]
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) < 3:
        raise Junk("no colour")
    return rgb_to_hex(*(number_within(one, 0, 255) for one in parts[:3]))


def read_hs(hue: Any, saturation: Any) -> str:
    """Return "#RRGGBB" for degrees and per cent. Raises Junk."""
    return hs_to_hex(number_within(hue, 0, 360), number_within(saturation, 0, 100) / 100.0)


def read_xy(x: Any, y: Any) -> str:
    """Return "#RRGGBB" for a chromaticity. Raises Junk."""
    point = number_within(x, 0, 1), number_within(y, 0, 1)
    if point[1] < 1e-3 or sum(point) > 1.0:
        raise Junk("no chromaticity")
    return to_hex(point)


def words_for(colour: str) -> dict[str, str]:
    """Return everything that a command may say about a colour, by its name."""
    red, green, blue = to_rgb(colour)
    x, y = to_xy(colour)
    hue, saturation = to_hs(colour)
    numbers = {"red": red, "green": green, "blue": blue, "x": round(x, 4), "y": round(y, 4)}
    numbers |= {"hue": round(hue, 1), "saturation": round(100 * saturation, 1)}
    words = {name: f"{value:g}" for name, value in numbers.items()}
    return words | {"hex": f"#{red:02X}{green:02X}{blue:02X}"}


def to_level(share: float, top: float) -> int:
    """Return a brightness of 0..1 on a scale of 1..`top`; off is another command."""
    return round(1 + min(1.0, max(0.0, share)) * (top - 1))


def from_level(level: Any, top: float) -> float | None:
    """Return the brightness 0..1 of a level; None for 0, which is off. Raises Junk."""
    counted = number_within(level, 0, top)
    return None if counted == 0 else max(0.0, (counted - 1) / (top - 1))


def _of_mapping(value: Mapping[str, Any]) -> str | None:
    if all(key in value for key in "xy"):
        return read_xy(value["x"], value["y"])
    if all(key in value for key in "rgb"):
        return rgb_to_hex(*(number_within(value[key], 0, 255) for key in "rgb"))
    for hue, saturation in _HS_KEYS:
        if hue in value and saturation in value:
            return read_hs(value[hue], value[saturation])
    return None
