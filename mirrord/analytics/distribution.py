"""How often each dominant mood and each expression was seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from mirrord.analytics.aggregate import WORDS, Bucket
from mirrord.model import MOODS


class Share(msgspec.Struct, frozen=True):
    """How many readings, and how many of a hundred (0 to 100)."""

    name: str
    count: int
    percentage: float


class Distribution(msgspec.Struct, frozen=True):
    """Readings by dominant mood and by expression, every name present, in the model's order.

    Percentages of moods add up to 100. Readings made by hand have no expression, so those of
    expressions are of the readings that have one.
    """

    total: int
    moods: tuple[Share, ...]
    expressions: tuple[Share, ...]


def distribution(buckets: Iterable[Bucket]) -> Distribution:
    """Return how the readings of all buckets are distributed; zeros if there are none."""
    total, moods, words = 0, [0] * len(MOODS), [0] * len(WORDS)
    for bucket in buckets:
        total += bucket.readings
        moods = [count + more for count, more in zip(moods, bucket.dominant, strict=True)]
        words = [count + more for count, more in zip(words, bucket.expressions, strict=True)]
    return Distribution(total, _shares(MOODS, moods), _shares(WORDS, words))


def _shares(names: Sequence[str], counts: Sequence[int]) -> tuple[Share, ...]:
    total = sum(counts) or 1
    return tuple(
        Share(name, count, 100 * count / total) for name, count in zip(names, counts, strict=True)
    )
