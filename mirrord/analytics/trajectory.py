"""The way through the plane of valence and arousal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from mirrord.analytics.aggregate import MEASURES, UNIT, Bucket

_VALENCE: Final = MEASURES.index("valence")
_AROUSAL: Final = MEASURES.index("arousal")


class Point(msgspec.Struct, frozen=True):
    """Where the readings of a while were on average; valence and arousal are -1..1."""

    start: datetime  # UTC
    readings: int
    valence: float
    arousal: float


def trajectory(buckets: Sequence[Bucket], most: int = 240) -> list[Point]:
    """Return at most `most` points, the oldest first.

    Where there are more buckets, as many neighbours as are needed, the same number for each point,
    become one, weighted by their readings. Buckets must be in order.
    """
    together = max(1, -(-len(buckets) // most))
    places = range(0, len(buckets), together)
    return [_point(buckets[place : place + together]) for place in places]


def _point(heap: Sequence[Bucket]) -> Point:
    readings = sum([bucket.readings for bucket in heap])
    valence, arousal = (
        sum([bucket.sums[place] for bucket in heap]) / readings / UNIT
        for place in (_VALENCE, _AROUSAL)
    )
    return Point(min(bucket.start for bucket in heap), readings, valence, arousal)
