"""What the store answers with: the records of the REST interface, and aggregates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from mirrord.analytics.aggregate import MEASURES, Aggregate, Spread
from mirrord.model import AirQuality, AudioTone, Expression, MoodName, VisualPattern
from mirrord.store.codec import from_ms
from mirrord.store.tally import MOMENT
from mirrord.store.words import EXPRESSION_WORDS, MOOD_WORDS, UNIT

StoreState = Literal["ok", "paused", "recovered"]


class StoreStatus(msgspec.Struct, frozen=True):
    """How the store is. `detail` says what is wrong, in words for a person."""

    state: StoreState = "ok"
    detail: str = ""
    bytes: int = 0  # on the disk, with the log
    readings: int = 0  # on the disk
    pending: int = 0  # waiting to be written
    dropped: int = 0  # lost since the start, for want of room in memory or by refusal
    oldest: datetime | None = None  # UTC


class ReadingRecord(msgspec.Struct, frozen=True):
    """A reading. Times are UTC, to the millisecond; numbers to a ten-thousandth.

    Of one that was given by hand, what a camera sees is None: the track, the seven shares, the
    expression and its confidence.
    """

    id: UUID
    session_id: str | None
    timestamp: datetime
    joy: float
    calm: float
    energy: float
    melancholy: float
    dominant_emotion: MoodName
    emotion_intensity: float
    track: int | None
    angry: float | None
    disgust: float | None
    fear: float | None
    happy: float | None
    sad: float | None
    surprise: float | None
    neutral: float | None
    expression: Expression | None
    confidence: float | None
    valence: float
    arousal: float
    user: str | None = None


class ResponseRecord(msgspec.Struct, frozen=True):
    """The environment response to one reading; units as in `mirrord.model.Environment`."""

    reading: UUID
    session_id: str | None
    present: bool
    lighting_color: str
    lighting_intensity: float
    background_color: str
    audio_tone: AudioTone
    audio_frequency: float  # Hz
    audio_volume: float
    audio_major: float
    audio_tempo: float  # beats a minute
    audio_articulation: float
    visual_pattern: VisualPattern
    particle_count: int
    animation_speed: float
    temperature: float  # °C
    humidity: float  # per cent
    air_quality: AirQuality | None
    transition_s: float
    created_at: datetime


class SessionRecord(msgspec.Struct, frozen=True):
    """A session; the averages are None until it has a reading."""

    session_id: str
    start_time: datetime
    last_activity: datetime
    is_active: bool
    total_readings: int
    average_joy: float | None
    average_calm: float | None
    average_energy: float | None
    average_melancholy: float | None
    device_type: str
    user: str | None = None
    browser: str | None = None
    location_country: str | None = None


class CameraRecord(msgspec.Struct, frozen=True):
    """A change of the camera's state."""

    at: datetime
    state: str


_LATER: Final = MOMENT - 1


def aggregate_of(row: Mapping[str, Any]) -> Aggregate:
    """Return the aggregate of a row of `minutes` or `hours`, with its `session_id` joined to it."""
    return Aggregate(
        from_ms(row["start"]),
        row["session_id"],
        row["total"],
        {mood: row[f"dominant_{mood}"] for mood in MOOD_WORDS},
        {word: row[f"saw_{word}"] for word in EXPRESSION_WORDS},
        {name: _spread(row, name) for name in MEASURES},
    )


def _spread(row: Mapping[str, Any], name: str) -> Spread:
    low, low_at = divmod(row[f"{name}_low"], MOMENT)
    high, high_after = divmod(row[f"{name}_high"], MOMENT)
    return Spread(
        row["total"],
        row[f"{name}_sum"],
        row[f"{name}_squares"],
        low / UNIT,
        from_ms(low_at),
        high / UNIT,
        from_ms(_LATER - high_after),
    )
