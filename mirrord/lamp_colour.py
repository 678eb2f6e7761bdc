"""Colours as lamps take them: CIE 1931 xy, hue and saturation, and mired for whites. Pure.

A colour here is a tint: how bright the lamp is, is a value of its own.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence

Point = tuple[float, float]

WHITE: Point = (0.3127, 0.3290)  # D65
COOLEST, WARMEST = 153, 500  # mired, of the API
# IEC 61966-2-1: linear sRGB to CIE XYZ under D65, and back.
_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_TO_RGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))


def to_xy(colour: str) -> Point:
    """Return the chromaticity of "#RRGGBB"; black, which has none, is white."""
    red, green, blue = map(_linear, _channels(colour))
    x, y, z = (row[0] * red + row[1] * green + row[2] * blue for row in _TO_XYZ)
    total = x + y + z
    return WHITE if total <= 0.0 else (x / total, y / total)


def to_hex(point: Point) -> str:
    """Return the brightest "#RRGGBB" of a chromaticity, as near as a screen can show it."""
    x, y = point
    xyz = (x / max(y, 1e-6), 1.0, (1.0 - x - y) / max(y, 1e-6))
    rgb = [max(0.0, sum(a * b for a, b in zip(row, xyz, strict=True))) for row in _TO_RGB]
    top = max(rgb)
    return _code([_gamma(one / top) if top > 0.0 else 1.0 for one in rgb])


def to_hs(colour: str) -> tuple[float, float]:
    """Return the hue (0..360 degrees) and the saturation (0..1) of "#RRGGBB"."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*_channels(colour))
    return hue * 360.0, saturation


def hs_to_hex(hue: float, saturation: float) -> str:
    """Return the brightest "#RRGGBB" of a hue (in degrees) and a saturation (0..1)."""
    return _code(colorsys.hsv_to_rgb(hue / 360.0 % 1.0, min(1.0, max(0.0, saturation)), 1.0))


def to_rgb(colour: str) -> tuple[int, int, int]:
    """Return the channels of the brightest colour with the tint of "#RRGGBB", 0..255 each.

    How much light there is, is said apart; black, which has no tint, is white.
    """
    channels = _channels(colour)
    top = max(channels)
    red, green, blue = (round(255 * one / top) if top > 0.0 else 255 for one in channels)
    return red, green, blue


def rgb_to_hex(red: float, green: float, blue: float) -> str:
    """Return the brightest "#RRGGBB" with the tint of three channels of any scale."""
    top = max(red, green, blue)
    return _code([max(0.0, one) / top if top > 0.0 else 1.0 for one in (red, green, blue)])


def white(mired: float) -> Point:
    """Return the chromaticity of a black body of 1e6 / `mired` kelvin (1667..25000 K).

    Source: Kim et al. 2002, cubic splines of US patent 7,024,034.
    """
    i = mired / 1000.0
    if i >= 0.25:
        x = ((-0.2661239 * i - 0.2343589) * i + 0.8776956) * i + 0.179910
    else:
        x = ((-3.0258469 * i + 2.1070379) * i + 0.2226347) * i + 0.240390
    if i >= 1000.0 / 2222.0:
        y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    elif i >= 0.25:
        y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        y = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    return x, y


def to_mired(point: Point, coolest: int, warmest: int) -> int:
    """Return the white that looks closest to a chromaticity, in the uniform scale CIE 1976 u'v'."""
    wanted = _uv(point)
    nearest = min(_WHITES, key=lambda mired: math.dist(_WHITES[mired], wanted))
    return min(max(nearest, coolest), warmest)


def _uv(point: Point) -> Point:
    x, y = point
    scale = -2.0 * x + 12.0 * y + 3.0
    return 4.0 * x / scale, 9.0 * y / scale


_WHITES = {mired: _uv(white(mired)) for mired in range(COOLEST, WARMEST + 1)}


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _code(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * one):02X}" for one in rgb)


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def _gamma(value: float) -> float:
    return float(12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055)
