"""What a session's figures say about how it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from mirrord.analytics.aggregate import WORDS, Aggregate, Spread
from mirrord.analytics.course import Course
from mirrord.analytics.sessions import Whole
from mirrord.model import MOODS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Extreme(msgspec.Struct, frozen=True):
    """A highest or lowest value, and when it was first reached (UTC)."""

    value: float
    at: datetime


class CalmStretch(msgspec.Struct, frozen=True):
    """The longest time for which a face stayed calm."""

    start: datetime  # UTC
    seconds: float


class Transitions(msgspec.Struct, frozen=True):
    """How often one expression followed another: `counts[before][after]`, in the order of `names`.

    The diagonal counts readings after which the expression stayed.
    """

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Insights(msgspec.Struct, frozen=True):
    """How a session went; the mappings have the four moods as keys.

    Without readings they are empty, and `longest_calm` is None. The figures are defined in
    docs/analytics.md.
    """

    session_id: str
    readings: int
    duration_s: float
    volatility: Mapping[str, float]  # population standard deviation
    progression: Mapping[str, float]  # last minus first, -1..1
    peaks: Mapping[str, Extreme]
    lows: Mapping[str, Extreme]
    seconds: Mapping[str, float]  # in which the mood was the dominant one
    transitions: Transitions
    longest_calm: CalmStretch | None


def insights(whole: Whole) -> Insights:
    """Return how a session went."""
    if whole.sums is None or whole.course is None:
        nothing: dict[str, Extreme] = {}
        return Insights(
            whole.session_id, 0, whole.duration_s, {}, {}, nothing, nothing, {}, _matrix({}), None
        )
    return _insights(whole, whole.sums, whole.course)


def _insights(whole: Whole, sums: Aggregate, course: Course) -> Insights:
    spreads = {mood: sums.spreads[mood] for mood in MOODS}
    return Insights(
        whole.session_id,
        sums.readings,
        whole.duration_s,
        {mood: spread.deviation for mood, spread in spreads.items()},
        dict(zip(MOODS, course.progression, strict=True)),
        {mood: _peak(spread) for mood, spread in spreads.items()},
        {mood: Extreme(spread.low, spread.low_at) for mood, spread in spreads.items()},
        {mood: ms / 1000 for mood, ms in zip(MOODS, course.mood_ms, strict=True)},
        _matrix(course.transitions),
        _calm(course),
    )


def _peak(spread: Spread) -> Extreme:
    return Extreme(spread.high, spread.high_at)


def _matrix(transitions: Mapping[tuple[int, int], int]) -> Transitions:
    places = range(len(WORDS))
    counts = tuple(tuple(transitions.get((row, column), 0) for column in places) for row in places)
    return Transitions(WORDS, counts)


def _calm(course: Course) -> CalmStretch | None:
    """Return the stretch, unless it is a single reading, which lasts no time."""
    calm = course.calm
    if calm is None or calm.end == calm.start:
        return None
    start = _EPOCH + timedelta(milliseconds=calm.start)
    return CalmStretch(start, (calm.end - calm.start) / 1000)
