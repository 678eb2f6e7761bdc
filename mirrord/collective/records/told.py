"""Rows as the resources tell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mirrord.analytics.aggregate import MEASURES, UNIT
from mirrord.api.records import EnvironmentResponse, Reading, Session
from mirrord.collective.schema import readings, sessions
from mirrord.collective.tally import time_of
from mirrord.model import MOODS, Environment

READING: Final = (
    readings.c.number,
    readings.c.id,
    readings.c.at,
    *(readings.c[name] for name in MEASURES),
    readings.c.dominant,
    readings.c.response,
    sessions.c.session_id,
)
SESSION: Final = (
    sessions.c.session,
    *(
        sessions.c[name]
        for name in (
            "session_id",
            "started",
            "last_activity",
            "is_active",
            "total",
            "device_type",
            "browser",
            "location_country",
        )
    ),
    *(sessions.c[f"{mood}_sum"] for mood in MOODS),
)
_TOLD: Final = set(EnvironmentResponse.__struct_fields__) - {"reading", "session_id", "created_at"}


def reading_of(row: Any, user: str) -> Reading:
    """Return a reading, which a program gave: there is no expression with it."""
    joy, calm, energy, melancholy = (getattr(row, mood) / UNIT for mood in MOODS)
    dominant = MOODS[row.dominant]
    return Reading(
        row.id,
        row.session_id,
        user,
        joy,
        calm,
        energy,
        melancholy,
        time_of(row.at),
        dominant,
        getattr(row, dominant) / UNIT,
        None,
        None,
        row.valence / UNIT,
        row.arousal / UNIT,
    )


def response_of(row: Any) -> EnvironmentResponse:
    """Return how a room would answer the reading."""
    told = {"reading": row.id, "session_id": row.session_id, "created_at": time_of(row.at)}
    return msgspec.convert({**msgspec.json.decode(row.response), **told}, EnvironmentResponse)


def response_kept(environment: Environment) -> str:
    """Return what is kept of an environment."""
    names: Mapping[str, Any] = {
        "lighting_color": environment.lighting_color,
        "lighting_intensity": environment.lighting_intensity,
        "background_color": environment.background_color,
        "audio_tone": environment.audio_tone,
        "audio_frequency": environment.audio_frequency_hz,
        "audio_volume": environment.audio_volume,
        "visual_pattern": environment.visual_pattern,
        "particle_count": environment.particle_count,
        "animation_speed": environment.animation_speed,
        "temperature": environment.temperature_c,
        "humidity": environment.humidity_pct,
        "air_quality": None,  # the collective has no sensor
    }
    return msgspec.json.encode(names).decode()


def session_of(row: Any, user: str) -> Session:
    """Return a session; its averages are None without readings."""
    total = int(row.total)
    joy, calm, energy, melancholy = (
        getattr(row, f"{mood}_sum") / total / UNIT if total else None for mood in MOODS
    )
    return Session(
        row.session_id,
        user,
        time_of(row.started),
        time_of(row.last_activity),
        bool(row.is_active),
        total,
        joy,
        calm,
        energy,
        melancholy,
        row.device_type,
        row.browser,
        row.location_country,
    )
