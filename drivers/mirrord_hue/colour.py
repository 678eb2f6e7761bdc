"""Colours as Hue lamps take them: CIE 1931 xy within a gamut, mired for whites, bri for light."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Gamut = tuple[Point, Point, Point]  # red, green and blue corners

# Source: Philips Hue developer documentation, "Supported devices".
GAMUTS: dict[str, Gamut] = {
    "A": ((0.704, 0.296), (0.2151, 0.7106), (0.138, 0.08)),
    "B": ((0.675, 0.322), (0.409, 0.518), (0.167, 0.04)),
    "C": ((0.6915, 0.3083), (0.17, 0.7), (0.1532, 0.0475)),
}
# The models of old lamps, whose bridge may not tell their gamut; all later ones have gamut C.
_GAMUT_OF_MODEL = {
    **dict.fromkeys(("LLC005", "LLC006", "LLC007", "LLC010", "LLC011", "LLC012"), "A"),
    **dict.fromkeys(("LLC013", "LLC014", "LST001"), "A"),
    **dict.fromkeys(("LCT001", "LCT002", "LCT003", "LCT007", "LLM001"), "B"),
}
WHITE: Point = (0.3127, 0.3290)  # D65
BRI_MIN, BRI_MAX = 1, 254
COOLEST, WARMEST = 153, 500  # mired, of the API
# IEC 61966-2-1: linear sRGB to CIE XYZ under D65, and back.
_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_TO_RGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))


def gamut_of(model: str) -> Gamut:
    """Return the gamut of a lamp by its model number."""
    return GAMUTS[_GAMUT_OF_MODEL.get(model, "C")]


def to_xy(colour: str) -> Point:
    """Return the chromaticity of "#RRGGBB"; black, which has none, is white."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
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


def tint_to_hex(hue: int, sat: int) -> str:
    """Return "#RRGGBB" for the API's hue (0..65535) and saturation (0..254)."""
    return _code(colorsys.hsv_to_rgb(hue / 65_535, min(1.0, sat / 254), 1.0))


def area(gamut: Gamut) -> float:
    """Return the area of a gamut's triangle in xy; Hue's lie between 0.08 and 0.2."""
    return abs(_cross(*gamut)) / 2.0


def within(point: Point, gamut: Gamut) -> Point:
    """Return the point of the gamut's triangle that is closest to `point`."""
    corners = (*gamut, gamut[0])
    sides = [_cross(start, end, point) for start, end in pairwise(corners)]
    if all(side >= 0.0 for side in sides) or all(side <= 0.0 for side in sides):
        return point
    feet = [_foot(start, end, point) for start, end in pairwise(corners)]
    return min(feet, key=lambda foot: math.dist(foot, point))


def within_all(point: Point, gamuts: Sequence[Gamut]) -> Point:
    """Return a point that lies in every gamut, near `point`.

    Projecting onto convex sets in turn converges to a point they share (Bregman 1965), and Hue's
    gamuts share their middle.
    """
    for _ in range(100):
        before = point
        for gamut in gamuts:
            point = within(point, gamut)
        if math.dist(before, point) < 1e-6:
            break
    return point


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


def to_bri(intensity: float) -> int:
    """Return the API's brightness for an intensity 0..1.

    Both scales are perceptual, so they map linearly: a Hue lamp dims along a logarithmic curve of
    its own (measured by R. Crist, "Your smart bulbs aren't dimming the way you think they are",
    CNET 2019). The least is 1; off is another command.
    """
    return round(BRI_MIN + min(1.0, max(0.0, intensity)) * (BRI_MAX - BRI_MIN))


def from_bri(bri: int) -> float:
    """Return the intensity 0..1 of the API's brightness."""
    return min(1.0, max(0.0, (bri - BRI_MIN) / (BRI_MAX - BRI_MIN)))


def _uv(point: Point) -> Point:
    x, y = point
    scale = -2.0 * x + 12.0 * y + 3.0
    return 4.0 * x / scale, 9.0 * y / scale


_WHITES = {mired: _uv(white(mired)) for mired in range(COOLEST, WARMEST + 1)}


def _cross(start: Point, end: Point, point: Point) -> float:
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _foot(start: Point, end: Point, point: Point) -> Point:
    side = (end[0] - start[0], end[1] - start[1])
    length = side[0] ** 2 + side[1] ** 2
    along = (point[0] - start[0]) * side[0] + (point[1] - start[1]) * side[1]
    share = min(1.0, max(0.0, along / length)) if length > 0.0 else 0.0
    return start[0] + share * side[0], start[1] + share * side[1]


def _code(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * one):02X}" for one in rgb)


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def _gamma(value: float) -> float:
    return float(12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055)
