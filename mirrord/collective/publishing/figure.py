"""A figure of contributions: clipped, averaged, rounded, with noise if it is wanted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from mirrord.analytics.aggregate import MEASURES, UNIT
from mirrord.model import MOODS

STEP: Final = 100  # figures are rounded to this, in ten-thousandths: 0.01
LOWEST: Final = tuple(0 if name in MOODS else -UNIT for name in MEASURES)
HIGHEST: Final = UNIT
WIDEST: Final = 1e9  # noise of that width leaves nothing of any figure
_COUNTS: Final = (1, 2, 5)


def mean_of(sums: Sequence[int], readings: int) -> tuple[float, ...]:
    """Return what one contributor counts with, however many readings: their own mean, clipped."""
    pairs = zip(sums, LOWEST, strict=True)
    return tuple(min(HIGHEST, max(low, one / readings)) for one, low in pairs)


def figure_of(means: Sequence[Sequence[float]], epsilon: float, rng: Random) -> tuple[int, ...]:
    """Return the figure of contributors' means, at least one, everybody with the same weight."""
    count = len(means)
    return blurred(
        [sum(column) / count for column in zip(*means, strict=True)], count, epsilon, rng
    )


def blurred(averages: Sequence[float], count: int, epsilon: float, rng: Random) -> tuple[int, ...]:
    """Return averages over `count` contributors as they are shown.

    Noise is Laplace's (Dwork et al. 2006): one contributor changes an average by at most its range
    over `count`, and each of the six figures may spend a sixth of `epsilon`. What is drawn is
    rounded, so that the last digits of a float tell nothing (Mironov 2012).
    """
    shown = []
    for average, low in zip(averages, LOWEST, strict=True):
        noise = laplace(scale(low, count, epsilon), rng) if epsilon > 0 else 0.0
        held = min(HIGHEST, max(low, average + noise))
        shown.append(round(held / STEP) * STEP)
    return tuple(shown)


def scale(low: int, count: int, epsilon: float) -> float:
    """Return how wide the noise of a figure is whose range begins at `low`."""
    return min(WIDEST, (HIGHEST - low) / count * len(MEASURES) / epsilon)


def laplace(width: float, rng: Random) -> float:
    """Return noise: the difference of two waiting times."""
    return width * (rng.expovariate(1.0) - rng.expovariate(1.0))


def coarse(count: int) -> int:
    """Return a count as it is shown: the greatest of 3, 5, 10, 20, 50, 100, ... not above it."""
    best, ten = 0, 1
    while ten <= count:
        best = max(best, *(one * ten for one in _COUNTS if one * ten <= count))
        ten *= 10
    return 3 if count in (3, 4) else best
