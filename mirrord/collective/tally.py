"""Readings and what mirrors send, as rows of the aggregates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mirrord.analytics.aggregate import MEASURES, UNIT, WORDS, Aggregate, Bucket, Spread
from mirrord.collective.schema import (
    BUCKET,
    DOMINANT,
    HIGHS,
    LOWS,
    MOMENT,
    SAW,
    SQUARES,
    SUMS,
    TALLY,
)
from mirrord.model import MOODS
from mirrord.sync_wire import Tally

Row = dict[str, Any]
MINUTE_MS: Final = 60_000
QUARTER_MS: Final = 900_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000


def tally_of_reading(at: int, moods: int, values: tuple[int, ...]) -> Row:
    """Return the aggregate of one reading, whose dominant mood is the one at a position."""
    return {
        "total": 1,
        **{name: int(place == moods) for place, name in enumerate(DOMINANT)},
        **dict.fromkeys(SAW, 0),
        **dict(zip(SUMS, values, strict=True)),
        "answered": 1,
        **{name: one * one for name, one in zip(SQUARES, values, strict=True)},
        **{name: low(one, at) for name, one in zip(LOWS, values, strict=True)},
        **{name: high(one, at) for name, one in zip(HIGHS, values, strict=True)},
    }


def tally_of_item(item: Tally) -> Row:
    """Return the aggregate that a mirror sent."""
    return {
        "total": item.readings,
        **dict(zip(DOMINANT, item.dominant, strict=True)),
        **dict(zip(SAW, item.expressions, strict=True)),
        **dict(zip(SUMS, item.sums, strict=True)),
        "answered": item.answered,
        **dict(zip(SQUARES, item.squares, strict=True)),
        **{name: low(*one) for name, one in zip(LOWS, item.lows, strict=True)},
        **{name: high(*one) for name, one in zip(HIGHS, item.highs, strict=True)},
    }


def flaw(item: Tally) -> str:
    """Return what in an aggregate cannot be, or nothing: its parts have to agree."""
    count = item.readings
    if sum(item.dominant) != count:
        return "dominant: its counts do not add up to the readings"
    if sum(item.expressions) > count or item.answered > count:
        return "expressions, answered: there are more than readings"
    pairs = zip(item.sums, item.squares, item.lows, item.highs, MEASURES, strict=True)
    for total, squares, least, most, name in pairs:
        if not count * least[0] <= total <= count * most[0]:
            return f"sums: {name} does not lie between its low and its high"
        if not total * total <= count * squares <= count * count * UNIT * UNIT:
            return f"squares: {name} does not fit its sum"
        if name in MOODS and least[0] < 0:
            return f"lows: {name} is a share, and cannot be below 0"
    return ""


def bucket_row(row: Mapping[str, Any]) -> Row:
    """Return what of an aggregate the rollups by time keep."""
    return {name: row[name] for name in BUCKET}


def low(value: int, at: int) -> int:
    """Return a value and its time as one integer, the least of which is the earliest least."""
    return value * MOMENT + at


def high(value: int, at: int) -> int:
    """Return a value and its time as one integer, the greatest of which is the earliest."""
    return value * MOMENT + MOMENT - 1 - at


def added(rows: Iterable[Mapping[str, Any]]) -> Row:
    """Return what aggregates (at least one) add up to."""
    first, *others = rows
    total = {name: first[name] for name in first if name in TALLY}
    for row in others:
        for name, value in total.items():
            if name in LOWS:
                total[name] = min(value, row[name])
            elif name in HIGHS:
                total[name] = max(value, row[name])
            else:
                total[name] = value + row[name]
    return total


def aggregate_of(row: Mapping[str, Any], start: int, session_id: str) -> Aggregate:
    """Return a row as analytics takes it."""
    return Aggregate(
        time_of(start),
        session_id,
        row["total"],
        {mood: row[name] for mood, name in zip(MOODS, DOMINANT, strict=True)},
        {word: row[name] for word, name in zip(WORDS, SAW, strict=True)},
        {name: _spread(row, place) for place, name in enumerate(MEASURES)},
    )


def bucket_of(values: tuple[Any, ...]) -> Bucket:
    """Return the bucket of a start and the columns `BUCKET`."""
    start, total, *rest = values
    moods, words = len(MOODS), len(MOODS) + len(WORDS)
    counts = [int(one) for one in rest]
    return Bucket(
        time_of(start),
        int(total),
        tuple(counts[:moods]),
        tuple(counts[moods:words]),
        tuple(counts[words:]),
    )


def _spread(row: Mapping[str, Any], place: int) -> Spread:
    least, most = row[LOWS[place]], row[HIGHS[place]]
    return Spread(
        row["total"],
        row[SUMS[place]],
        row[SQUARES[place]],
        (least // MOMENT) / UNIT,
        time_of(least % MOMENT),
        (most // MOMENT) / UNIT,
        time_of(MOMENT - 1 - most % MOMENT),
    )


def time_of(ms: int) -> datetime:
    """Return a time in milliseconds since 1970 as UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def ms_of(at: datetime) -> int:
    """Return a time as milliseconds since 1970."""
    return round(at.timestamp() * 1000)
