"""The way through the plane of valence and arousal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import add

import msgspec

from mirrord.analytics.aggregate import Bucket


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
    heaps = (
        reduce(add, buckets[place : place + together]) for place in range(0, len(buckets), together)
    )
    return [
        Point(heap.start, heap.readings, heap.mean("valence"), heap.mean("arousal"))
        for heap in heaps
    ]
