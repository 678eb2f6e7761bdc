"""Readings and responses for the store's tests."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mirrord.model import EXPRESSIONS, Affect, Environment, Reading
from mirrord.store import ReadingRecord, Store

START = datetime(2026, 3, 1, 18, tzinfo=UTC)
EVER = {"since": START - timedelta(days=4000), "until": START + timedelta(days=4000)}


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(at: datetime = START, **changes: Any) -> Reading:
    """Return a happy reading; `changes` are moods, or fields of Reading."""
    moods = {name: changes.pop(name, 0.25) for name in ("joy", "calm", "energy", "melancholy")}
    affect = Affect(changes.pop("valence", 0.5), changes.pop("arousal", 0.3), **moods)
    shares = dict.fromkeys(EXPRESSIONS, 0.05) | {"happy": 0.7}
    fields = {"track": 1, "expressions": shares, "expression": "happy", "confidence": 0.9}
    return Reading(at=at, affect=affect, **(fields | changes))


def response(**changes: Any) -> Environment:
    fields: dict[str, Any] = {
        "present": True,
        "lighting_color": "#FFA010",
        "lighting_intensity": 0.5,
        "background_color": "#00000A",
        "audio_tone": "uplifting",
        "audio_frequency_hz": 440.0,
        "audio_volume": 0.1,
        "audio_major": 0.9,
        "audio_tempo_bpm": 92.5,
        "audio_articulation": 0.3,
        "visual_pattern": "flowing_waves",
        "particle_count": 900,
        "animation_speed": 1.25,
        "temperature_c": 23.5,
        "humidity_pct": 45.0,
        "air_quality": "good",
        "transition_s": 2.0,
    }
    return Environment(**(fields | changes))


async def fill(store: Store, count: int, session: str = "s", first: int = 0) -> None:
    """Keep `count` readings a second apart, numbered by their track, with responses."""
    for number in range(first, first + count):
        store.add_reading(session, reading(after(number), track=number), response())
    await store.flush()


async def tracks(path: Path) -> list[int]:
    """Return the tracks of all readings that a file holds, in order of arrival."""
    async with Store.open(path) as store:
        return [one.track for one in reversed(await all_readings(store))]


async def all_readings(store: Store) -> list[ReadingRecord]:
    return await store.readings(limit=1_000_000)


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return a folder in memory where there is one: property tests sync hundreds of files."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
