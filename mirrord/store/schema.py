"""What the file looks like, and how an older file becomes a newer one.

Numbers are kept as small integers, since an integer below 32,768 costs two bytes where a float
costs eight, and sums of integers are exact. Everything of one reading lies in one row, and
`readings` has no index besides its key: the aggregates say which rows belong to which minute
(docs/storage.md).

A migration that has been released is never edited: add another.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from sqlite_utils import Database

from mirrord.store.tally import create_tally
from mirrord.store.words import (
    AIR_WORDS,
    EXPRESSION_WORDS,
    MOOD_WORDS,
    PATTERN_WORDS,
    TONE_WORDS,
    UNIT,
)

APPLICATION_ID = 0x4D4D6972  # "MMir" at offset 68 of the file: this database is a mirror's

_READINGS = """
CREATE TABLE readings (
  id INTEGER PRIMARY KEY,      -- counts up in order of arrival
  session INTEGER NOT NULL,    -- sessions.id
  at INTEGER NOT NULL,         -- milliseconds since 1970, UTC
  track INTEGER NOT NULL,
  angry INTEGER NOT NULL,      -- the seven shares, in ten-thousandths
  disgust INTEGER NOT NULL,
  fear INTEGER NOT NULL,
  happy INTEGER NOT NULL,
  sad INTEGER NOT NULL,
  surprise INTEGER NOT NULL,
  neutral INTEGER NOT NULL,
  expression INTEGER NOT NULL, -- 0 angry, 1 disgust, ... in the order above, 7 unsure
  confidence INTEGER NOT NULL, -- ten-thousandths, and so the six below
  valence INTEGER NOT NULL,
  arousal INTEGER NOT NULL,
  joy INTEGER NOT NULL,
  calm INTEGER NOT NULL,
  energy INTEGER NOT NULL,
  melancholy INTEGER NOT NULL,
  dominant INTEGER GENERATED ALWAYS AS ( -- 0 joy, 1 calm, 2 energy, 3 melancholy; takes no room
    CASE max(joy, calm, energy, melancholy)
      WHEN joy THEN 0 WHEN calm THEN 1 WHEN energy THEN 2 ELSE 3 END) VIRTUAL,
  -- the environment response; all null if there was none
  response_ms INTEGER,         -- created_at - at
  present INTEGER,
  lighting_color INTEGER,      -- 0xRRGGBB
  lighting_intensity INTEGER,  -- ten-thousandths
  background_color INTEGER,    -- 0xRRGGBB
  audio_tone INTEGER,          -- 0 uplifting, 1 peaceful, 2 energetic, 3 melancholic
  audio_frequency INTEGER,     -- tenths of a hertz
  audio_volume INTEGER,        -- ten-thousandths
  audio_major INTEGER,         -- ten-thousandths
  audio_tempo INTEGER,         -- tenths of a beat a minute
  audio_articulation INTEGER,  -- ten-thousandths
  visual_pattern INTEGER,      -- 0 particles, 1 waves, 2 ripples, 3 drift, 4 float
  particle_count INTEGER,
  animation_speed INTEGER,     -- thousandths
  temperature INTEGER,         -- hundredths of a degree Celsius
  humidity INTEGER,            -- hundredths of a per cent
  air_quality INTEGER,         -- 0 excellent, 1 good, 2 moderate, 3 needs_improvement
  transition_ms INTEGER
) STRICT
"""

_SESSIONS = """
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL UNIQUE,
  started INTEGER NOT NULL,       -- milliseconds since 1970, UTC
  last_activity INTEGER NOT NULL, -- as far as starting and ending say; `totals` knows the readings
  is_active INTEGER NOT NULL,
  device_type TEXT NOT NULL
) STRICT
"""

_OTHERS = (
    "CREATE TRIGGER session_gone AFTER DELETE ON sessions BEGIN"
    " DELETE FROM totals WHERE start = 0 AND session = old.id; END",
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE camera_log (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL)"
    " STRICT",
    "CREATE TABLE state (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
)


def _tables(database: Database) -> None:
    """1: the tables. `state` holds how far readings are folded, their count, the UUIDs' tail."""
    spans = (create_tally("minutes"), create_tally("hours"), create_tally("totals"))
    for statement in (_READINGS, _SESSIONS, *spans, *_OTHERS):
        database.execute(statement)
    values = {"folded_to": 0, "kept": 0, "uuid_tail": _uuid_tail()}
    for key, value in values.items():
        database.execute("INSERT INTO state VALUES (?, ?)", [key, value])


def _uuid_tail() -> str:
    """Return the part of a reading's UUID (RFC 9562, version 8) that is the database's own."""
    bits = secrets.randbits(74)
    variant = 0x8000 | bits >> 48 & 0x3FFF
    return f"{0x8000 | bits >> 62:04x}-{variant:04x}-{bits & 0xFFFF_FFFF_FFFF:012x}"


def _views(database: Database) -> None:
    """2: the three records in words and plain numbers, for the queries and for other programs."""
    for statement in (_EMOTION_READINGS, _ENVIRONMENT_RESPONSES, _EMOTION_SESSIONS):
        database.execute(statement)


def _plain(*names: str, unit: int = UNIT) -> str:
    return ", ".join(f"r.{name} / {unit}.0 AS {name}" for name in names)


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
CREATE VIEW emotion_readings AS SELECT
  r.id AS number, {_UUID} AS id, s.session_id, r.at, {_iso("r.at")} AS timestamp,
  {_plain(*MOOD_WORDS)}, {_word("r.dominant", MOOD_WORDS)} AS dominant_emotion,
  max(r.joy, r.calm, r.energy, r.melancholy) / {UNIT}.0 AS emotion_intensity,
  r.track, {_plain(*EXPRESSION_WORDS[:7])}, {_word("r.expression", EXPRESSION_WORDS)} AS expression,
  {_plain("confidence", "valence", "arousal")}
FROM readings r LEFT JOIN sessions s ON s.id = r.session
"""

_ENVIRONMENT_RESPONSES = f"""
CREATE VIEW environment_responses AS SELECT
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
CREATE VIEW emotion_sessions AS SELECT
  s.id AS number, s.session_id, {_iso("s.started")} AS start_time,
  {_iso("max(s.last_activity, ifnull(t.last_at, 0), ifnull(u.last_at, 0))")} AS last_activity,
  s.is_active, ifnull(t.total, 0) + ifnull(u.total, 0) AS total_readings,
  {_AVERAGES}, s.device_type
FROM sessions s
LEFT JOIN totals t ON t.start = 0 AND t.session = s.id
LEFT JOIN (
  SELECT session, count(*) AS total, max(at) AS last_at, {_SUMS} FROM readings
  WHERE id > (SELECT value FROM state WHERE key = 'folded_to') GROUP BY session
) u ON u.session = s.id
"""

MIGRATIONS: tuple[Callable[[Database], None], ...] = (_tables, _views)


def version_of(database: Database) -> int:
    """Return how many migrations the file has seen."""
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(
    database: Database, migrations: Sequence[Callable[[Database], None]] = MIGRATIONS
) -> None:
    """Bring the file up to date, each step in a transaction of its own."""
    for number in range(version_of(database), len(migrations)):
        with database.atomic():
            migrations[number](database)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {number + 1}")
