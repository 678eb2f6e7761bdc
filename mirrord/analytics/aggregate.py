"""What stretches of readings add up to: sums that can be added again, in any cut."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from operator import add
from typing import Final

import msgspec

from mirrord.model import EXPRESSIONS, MOODS, UNSURE

UNIT: Final = 10_000  # moods, valence and arousal are summed in ten-thousandths, so exactly
MEASURES: Final = (*MOODS, "valence", "arousal")
WORDS: Final = (*EXPRESSIONS, UNSURE)
_PLACES: Final = {name: place for place, name in enumerate(MEASURES)}


class Spread(msgspec.Struct, frozen=True):
    """How one measure was distributed. `sum` and `squares` are exact, in ten-thousandths."""

    count: int
    sum: int
    squares: int
    low: float
    low_at: datetime
    high: float
    high_at: datetime

    @property
    def mean(self) -> float:
        return self.sum / self.count / UNIT

    @property
    def deviation(self) -> float:
        """The population standard deviation."""
        return math.sqrt(self.count * self.squares - self.sum**2) / self.count / UNIT

    def __add__(self, other: Spread) -> Spread:
        low = min(self, other, key=lambda one: (one.low, one.low_at))
        high = min(self, other, key=lambda one: (-one.high, one.high_at))
        return Spread(
            self.count + other.count,
            self.sum + other.sum,
            self.squares + other.squares,
            low.low,
            low.low_at,
            high.high,
            high.high_at,
        )


class Aggregate(msgspec.Struct, frozen=True):
    """What the readings of a session within a minute, an hour or the whole session add up to."""

    start: datetime
    session_id: str | None
    readings: int
    dominant: Mapping[str, int]  # readings by dominant mood
    expressions: Mapping[str, int]  # by expression, "unsure" among them; none of a hand-made one
    spreads: Mapping[str, Spread]  # by mood, and of valence and arousal

    def __add__(self, other: Aggregate) -> Aggregate:
        return Aggregate(
            min(self.start, other.start),
            self.session_id if self.session_id == other.session_id else None,
            self.readings + other.readings,
            {name: count + other.dominant[name] for name, count in self.dominant.items()},
            {name: count + other.expressions[name] for name, count in self.expressions.items()},
            {name: spread + other.spreads[name] for name, spread in self.spreads.items()},
        )


class Bucket(msgspec.Struct, frozen=True):
    """The same without extremes and sessions: small, since a year has 8,766 hours.

    `start` is UTC. The tuples are in the order of `MOODS`, `WORDS` and `MEASURES`.
    """

    start: datetime
    readings: int
    dominant: tuple[int, ...]
    expressions: tuple[int, ...]
    sums: tuple[int, ...]  # in ten-thousandths

    def __add__(self, other: Bucket) -> Bucket:
        return Bucket(
            min(self.start, other.start),
            self.readings + other.readings,
            tuple(map(add, self.dominant, other.dominant)),
            tuple(map(add, self.expressions, other.expressions)),
            tuple(map(add, self.sums, other.sums)),
        )

    def mean(self, measure: str) -> float:
        """Return the mean of one of `MEASURES`."""
        return self.sums[_PLACES[measure]] / self.readings / UNIT

    @property
    def means(self) -> tuple[float, ...]:
        """The means of all `MEASURES`, in their order."""
        whole = self.readings * UNIT
        return tuple([one / whole for one in self.sums])


def bucket_of(aggregate: Aggregate) -> Bucket:
    """Return an aggregate without what a bucket leaves out."""
    return Bucket(
        aggregate.start,
        aggregate.readings,
        tuple(aggregate.dominant[mood] for mood in MOODS),
        tuple(aggregate.expressions[word] for word in WORDS),
        tuple(aggregate.spreads[name].sum for name in MEASURES),
    )
