"""Two spaces side by side. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mirrord.analytics import Bucket, distribution
from mirrord.analytics.aggregate import MEASURES
from mirrord.analytics.distribution import Share


class Side(msgspec.Struct, frozen=True):
    """One of them: averages over its shown windows, and how many of these each mood led."""

    id: str
    name: str
    windows: int
    averages: Mapping[str, float | None]  # of the four moods, valence and arousal
    moods: tuple[Share, ...]


class Comparison(msgspec.Struct, frozen=True, rename={"other": "with"}):
    """Two spaces over the same span.

    `difference` is the first minus the second, and `apart` how far they lay from each other in the
    hours that both have figures of, on average and without sign; None without such hours.
    """

    space: Side
    other: Side
    difference: Mapping[str, float | None]
    hours_together: int
    apart: Mapping[str, float | None]


def compared(one: tuple[Any, Sequence[Bucket]], two: tuple[Any, Sequence[Bucket]]) -> Comparison:
    """Compare the hours of two spaces, each given with its row."""
    first, second = _side(*one), _side(*two)
    hours = {bucket.start: bucket for bucket in two[1]}
    pairs = [(bucket, hours[bucket.start]) for bucket in one[1] if bucket.start in hours]
    return Comparison(
        first,
        second,
        {name: _minus(first.averages[name], second.averages[name]) for name in MEASURES},
        len(pairs),
        {name: _apart(pairs, name) for name in MEASURES},
    )


def _side(row: Any, buckets: Sequence[Bucket]) -> Side:
    found = distribution(buckets)
    total = sum(buckets[1:], buckets[0]) if buckets else None
    averages = {name: total.mean(name) if total else None for name in MEASURES}
    return Side(str(row.space), row.name, found.total, averages, found.moods)


def _apart(pairs: Sequence[tuple[Bucket, Bucket]], name: str) -> float | None:
    if not pairs:
        return None
    return sum(abs(one.mean(name) - other.mean(name)) for one, other in pairs) / len(pairs)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
