"""Colours in OKLab, where equal steps look equal and a blend has no hue of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable

Lab = tuple[float, float, float]

# Matrices of OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020).
_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def to_lab(colour: str) -> Lab:
    """Return the OKLab coordinates of "#RRGGBB". Raises ValueError for any other text."""
    lms = _times(_TO_LMS, linear(colour))
    return _times(_TO_LAB, (math.cbrt(lms[0]), math.cbrt(lms[1]), math.cbrt(lms[2])))


def from_lab(lab: Lab) -> str:
    """Return the nearest "#RRGGBB", clipping channels that a screen cannot show."""
    lms = _times(_FROM_LAB, lab)
    rgb = _times(_FROM_LMS, (lms[0] ** 3, lms[1] ** 3, lms[2] ** 3))
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, one)))):02X}" for one in rgb)


def mix(parts: Iterable[tuple[str, float]]) -> Lab:
    """Return the weighted mean of colours in OKLab; the weights need not sum to 1."""
    weighted = [(to_lab(colour), weight) for colour, weight in parts]
    total = math.fsum(weight for _, weight in weighted)
    light, green_red, blue_yellow = (
        math.fsum(lab[axis] * weight for lab, weight in weighted) / total for axis in range(3)
    )
    return light, green_red, blue_yellow


def linear(colour: str) -> tuple[float, float, float]:
    """Return linear-light red, green and blue (0..1) of "#RRGGBB" (IEC 61966-2-1)."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"expected #RRGGBB, got {colour!r}")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _degamma(red), _degamma(green), _degamma(blue)


def luminance(colour: str) -> float:
    """Return the relative luminance 0..1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def redness(colour: str) -> float:
    """Return (R - G - B) x 320, not below 0: how saturated red is, 0..320 (WCAG, "red flash")."""
    red, green, blue = linear(colour)
    return max(0.0, red - green - blue) * 320


def _degamma(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def _gamma(value: float) -> float:
    return float(12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055)


def _times(matrix: tuple[Lab, Lab, Lab], vector: Lab) -> Lab:
    first, second, third = (
        row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2] for row in matrix
    )
    return first, second, third
