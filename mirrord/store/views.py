"""The three records in words and plain numbers, for the queries and for other programs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from mirrord.store.words import (
    AIR_WORDS,
    EXPRESSION_WORDS,
    MOOD_WORDS,
    PATTERN_WORDS,
    TONE_WORDS,
    UNIT,
)


def make_views(database: Database) -> None:
    """Make the views, or make them anew."""
    for name, query in _VIEWS.items():
        database.execute(f"DROP VIEW IF EXISTS {name}")
        database.execute(f"CREATE VIEW {name} AS {query}")


def _plain(*names: str, unit: int = UNIT) -> str:
    return ", ".join(f"r.{name} / {unit}.0 AS {name}" for name in names)


def _seen(name: str, unit: float = UNIT) -> str:
    """Return what a camera saw: null of a reading that was given by hand."""
    value = f"r.{name}" if unit == 1 else f"r.{name} / {unit}.0"
    return f"CASE WHEN r.expression >= 0 THEN {value} END AS {name}"


def _word(column: str, words: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(words))
    return f"CASE {column} {cases} END"


def _iso(milliseconds: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', ({milliseconds}) / 1000.0, 'unixepoch')"


def _color(name: str) -> str:
    return f"printf('#%06X', r.{name}) AS {name}"


_UUID = (
    "printf('%08x-%04x-', r.id >> 16, r.id & 65535)"
    " || (SELECT value FROM state WHERE key = 'uuid_tail')"
)

_EMOTION_READINGS = f"""
SELECT
  r.id AS number, {_UUID} AS id, s.session_id, r.at, {_iso("r.at")} AS timestamp,
  {_plain(*MOOD_WORDS)}, {_word("r.dominant", MOOD_WORDS)} AS dominant_emotion,
  max(r.joy, r.calm, r.energy, r.melancholy) / {UNIT}.0 AS emotion_intensity,
  {_seen("track", 1)}, {", ".join(_seen(name) for name in EXPRESSION_WORDS[:7])},
  {_word("r.expression", EXPRESSION_WORDS)} AS expression, {_seen("confidence")},
  {_plain("valence", "arousal")}, r.user
FROM readings r LEFT JOIN sessions s ON s.id = r.session
"""

_ENVIRONMENT_RESPONSES = f"""
SELECT
  r.id AS number, {_UUID} AS reading, s.session_id, r.at, r.present,
  {_color("lighting_color")}, {_plain("lighting_intensity")}, {_color("background_color")},
  {_word("r.audio_tone", TONE_WORDS)} AS audio_tone, {_plain("audio_frequency", unit=10)},
  {_plain("audio_volume", "audio_major", "audio_articulation")}, {_plain("audio_tempo", unit=10)},
  {_word("r.visual_pattern", PATTERN_WORDS)} AS visual_pattern, r.particle_count,
  {_plain("animation_speed", unit=1000)}, {_plain("temperature", "humidity", unit=100)},
  {_word("r.air_quality", AIR_WORDS)} AS air_quality, r.transition_ms / 1000.0 AS transition_s,
  {_iso("r.at + r.response_ms")} AS created_at
FROM readings r LEFT JOIN sessions s ON s.id = r.session WHERE r.response_ms IS NOT NULL
"""

_SUMS = ", ".join(f"sum({mood}) AS {mood}_sum" for mood in MOOD_WORDS)
_AVERAGES = ", ".join(
    f"(ifnull(t.{mood}_sum, 0) + ifnull(u.{mood}_sum, 0)) / {UNIT}.0"
    f" / nullif(ifnull(t.total, 0) + ifnull(u.total, 0), 0) AS average_{mood}"
    for mood in MOOD_WORDS
)

# `u` is what came since the last folding: a few hundred rows at most.
_EMOTION_SESSIONS = f"""
SELECT
  s.id AS number, s.session_id, {_iso("s.started")} AS start_time,
  {_iso("max(s.last_activity, ifnull(t.last_at, 0), ifnull(u.last_at, 0))")} AS last_activity,
  s.is_active, ifnull(t.total, 0) + ifnull(u.total, 0) AS total_readings,
  {_AVERAGES}, s.device_type, s.user, s.browser, s.location_country
FROM sessions s
LEFT JOIN totals t ON t.start = 0 AND t.session = s.id
LEFT JOIN (
  SELECT session, count(*) AS total, max(at) AS last_at, {_SUMS} FROM readings
  WHERE id > (SELECT value FROM state WHERE key = 'folded_to') GROUP BY session
) u ON u.session = s.id
"""

_VIEWS = {
    "emotion_readings": _EMOTION_READINGS,
    "environment_responses": _ENVIRONMENT_RESPONSES,
    "emotion_sessions": _EMOTION_SESSIONS,
}
