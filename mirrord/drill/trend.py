"""Does a series grow? A slope that single outliers do not move, and how sure it is. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

_Z: Final = 1.96  # 95 per cent, both sides
_MOST: Final = 600  # points: pairs grow with the square


class Figure(msgspec.Struct, frozen=True):
    """One series: ends, slope with its interval, and whether it is flat."""

    name: str
    first: float
    last: float
    slope_per_h: float
    low_per_h: float
    high_per_h: float
    flat: bool


def figure(name: str, points: Sequence[tuple[float, float]], tolerance: float) -> Figure:
    """Judge a series of (seconds, value).

    The slope is the median of those of all pairs (Theil 1950, Sen 1968); its interval comes from
    the variance of Kendall's tau without regard to ties, which makes it wider, if anything. It is
    flat if growing is not sure, or if it would be less than `tolerance` over the whole span.
    """
    points = points[:: math.ceil(len(points) / _MOST)] if points else points
    slopes = sorted(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for index, earlier in enumerate(points)
        for later in points[index + 1 :]
        if later[0] > earlier[0]
    )
    if not slopes:
        return Figure(name, math.nan, math.nan, math.nan, math.nan, math.nan, False)
    low, middle, high = _interval(slopes, len(points))
    span_s = points[-1][0] - points[0][0]
    flat = low <= 0.0 or middle * span_s <= tolerance
    ends = _median([value for _, value in points[:5]]), _median([value for _, value in points[-5:]])
    slope, least, most = (round(one * 3600, 4) for one in (middle, low, high))
    return Figure(name, ends[0], ends[1], slope, least, most, flat)


def _interval(slopes: Sequence[float], count: int) -> tuple[float, float, float]:
    """Return the lower end, the median and the upper end of the slope (Sen 1968)."""
    deviation = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    middle = len(slopes) / 2
    low = max(0, math.floor(middle - _Z * deviation / 2))
    high = min(len(slopes) - 1, math.ceil(middle + _Z * deviation / 2))
    return slopes[low], _median(slopes), slopes[high]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
