"""A reading and its environment response as the integers of one row.

What comes back out is worded by the views `emotion_readings` and `environment_responses`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mirrord.analytics.aggregate import MEASURES
from mirrord.analytics.course import NO_EXPRESSION
from mirrord.model import EXPRESSIONS, Affect, Environment, Reading
from mirrord.store.tally import MOMENT
from mirrord.store.words import AIR_WORDS, EXPRESSION_WORDS, PATTERN_WORDS, TONE_WORDS, UNIT

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Return milliseconds since 1970, held within 1970 to 2109.

    Raises ValueError if the time has no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone: the store takes UTC")
    return min(max((at - _EPOCH) // _MILLISECOND, 0), MOMENT - 1)


def from_ms(milliseconds: int) -> datetime:
    """Return the UTC time of milliseconds since 1970."""
    return _EPOCH + milliseconds * _MILLISECOND


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the response, and how a value of `Environment` becomes its integer."""

    name: str
    source: str
    encode: Callable[[Any], int | None]


def _scaled(name: str, source: str = "", unit: int = UNIT) -> _Column:
    return _Column(name, source or name, lambda value: _units(value, unit))


def _worded(name: str, words: Sequence[str]) -> _Column:
    return _Column(name, name, lambda word: None if word is None else words.index(word))


def _color(name: str) -> _Column:
    return _Column(name, name, lambda color: int(color.removeprefix("#"), 16))


_RESPONSE: Final = (
    _Column("present", "present", int),
    _color("lighting_color"),
    _scaled("lighting_intensity"),
    _color("background_color"),
    _worded("audio_tone", TONE_WORDS),
    _scaled("audio_frequency", "audio_frequency_hz", 10),
    _scaled("audio_volume"),
    _scaled("audio_major"),
    _scaled("audio_tempo", "audio_tempo_bpm", 10),
    _scaled("audio_articulation"),
    _worded("visual_pattern", PATTERN_WORDS),
    _Column("particle_count", "particle_count", int),
    _scaled("animation_speed", unit=1000),
    _scaled("temperature", "temperature_c", 100),
    _scaled("humidity", "humidity_pct", 100),
    _worded("air_quality", AIR_WORDS),
    _scaled("transition_ms", "transition_s", 1000),
)

COLUMNS: Final = (
    *("at", "track", *EXPRESSIONS, "expression", "confidence", *MEASURES, "response_ms"),
    *(column.name for column in _RESPONSE),
    "user",
)
# Of a reading that was given by hand: the file has a number in every column of what a camera sees,
# the views answer null.
NO_TRACK: Final = -1


def row_of(
    reading: Reading, environment: Environment | None, now: datetime, user: str | None = None
) -> tuple[Any, ...]:
    """Return the values of `COLUMNS`.

    Raises ValueError if a number is not finite, a time has no zone, or a word is unknown.
    """
    shares = (_units(reading.expressions[name]) for name in EXPRESSIONS)
    expression = EXPRESSION_WORDS.index(reading.expression)
    seen = (reading.track, *shares, expression, _units(reading.confidence))
    return _row(reading.at, seen, reading.affect, environment, now, user)


def row_by_hand(
    at: datetime, affect: Affect, environment: Environment | None, now: datetime, user: str | None
) -> tuple[Any, ...]:
    """Return the values of `COLUMNS` for a mood that a person or a program gave.

    Raises ValueError if a number is not finite or the time has no zone.
    """
    seen = (NO_TRACK, *(0 for _ in EXPRESSIONS), NO_EXPRESSION, 0)
    return _row(at, seen, affect, environment, now, user)


def _row(
    taken: datetime,
    seen: tuple[int, ...],
    affect: Affect,
    environment: Environment | None,
    now: datetime,
    user: str | None,
) -> tuple[Any, ...]:
    at = to_ms(taken)
    felt = (at, *seen, *(_units(getattr(affect, name)) for name in MEASURES))
    if environment is None:
        return (*felt, *(None,) * (1 + len(_RESPONSE)), user)
    response = (column.encode(getattr(environment, column.source)) for column in _RESPONSE)
    return (*felt, to_ms(now) - at, *response, user)


def _units(value: float, unit: int = UNIT) -> int:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that can be kept")
    return round(value * unit)
