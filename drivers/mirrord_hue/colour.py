"""Colours as Hue lamps take them: CIE 1931 xy within a gamut, and bri for light."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from mirrord.lamp_colour import Point

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
BRI_MIN, BRI_MAX = 1, 254


def gamut_of(model: str) -> Gamut:
    """Return the gamut of a lamp by its model number."""
    return GAMUTS[_GAMUT_OF_MODEL.get(model, "C")]


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


def _cross(start: Point, end: Point, point: Point) -> float:
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _foot(start: Point, end: Point, point: Point) -> Point:
    side = (end[0] - start[0], end[1] - start[1])
    length = side[0] ** 2 + side[1] ** 2
    along = (point[0] - start[0]) * side[0] + (point[1] - start[1]) * side[1]
    share = min(1.0, max(0.0, along / length)) if length > 0.0 else 0.0
    return start[0] + share * side[0], start[1] + share * side[1]
