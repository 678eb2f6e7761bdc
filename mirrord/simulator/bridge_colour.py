"""The colours that a Hue lamp can give, in CIE 1931 xy."""

from __future__ import annotations

import colorsys

import numpy as np

from mirrord.colour import linear

Point = tuple[float, float]
Triangle = tuple[Point, Point, Point]

# Red, green and blue corners as bridges list them under capabilities.control.colorgamut.
GAMUTS: dict[str, Triangle] = {
    "A": ((0.704, 0.296), (0.2151, 0.7106), (0.138, 0.08)),
    "B": ((0.675, 0.322), (0.409, 0.518), (0.167, 0.04)),
    "C": ((0.6915, 0.3083), (0.17, 0.7), (0.1532, 0.0475)),
}


def closest(point: Point, gamut: Triangle) -> Point:
    """Return the point of the triangle that is closest to `point`."""
    corners = np.array(gamut)
    weights = np.linalg.solve(np.vstack([corners.T, np.ones(3)]), np.array([*point, 1.0]))
    if (weights >= 0.0).all():
        return point
    starts, sides = corners, np.roll(corners, -1, axis=0) - corners
    along = np.sum((np.array(point) - starts) * sides, axis=1) / np.sum(sides**2, axis=1)
    feet = starts + np.clip(along, 0.0, 1.0)[:, None] * sides
    x, y = feet[np.argmin(np.sum((feet - np.array(point)) ** 2, axis=1))]
    return float(x), float(y)


def white(mired: float) -> Point:
    """Return the xy of a black body of 1e6 / `mired` kelvin (1667..25000 K).

    Source: Kim et al. 2002, the cubic splines of US patent 7,024,034.
    """
    inverse = mired / 1000.0
    if inverse >= 0.25:
        x = np.polyval([-0.2661239, -0.2343589, 0.8776956, 0.179910], inverse)
    else:
        x = np.polyval([-3.0258469, 2.1070379, 0.2226347, 0.240390], inverse)
    if inverse >= 1000.0 / 2222.0:
        y = np.polyval([-1.1063814, -1.34811020, 2.18555832, -0.20219683], x)
    elif inverse >= 0.25:
        y = np.polyval([-0.9549476, -1.37418593, 2.09137015, -0.16748867], x)
    else:
        y = np.polyval([3.0817580, -5.87338670, 3.75112997, -0.37001483], x)
    return float(x), float(y)


def tint(hue: int, sat: int) -> Point:
    """Return the xy of a bridge's hue (0..65535) and saturation (0..254)."""
    red, green, blue = colorsys.hsv_to_rgb(hue / 65535, sat / 254, 1.0)
    code = "#" + "".join(f"{round(255 * one):02X}" for one in (red, green, blue))
    # sRGB to XYZ, IEC 61966-2-1.
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    total = np.array(to_xyz) @ np.array(linear(code))
    return float(total[0] / total.sum()), float(total[1] / total.sum())
