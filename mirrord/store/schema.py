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

from mirrord.store import dating, ledger, shared
from mirrord.store.corrections import create_corrections
from mirrord.store.courses import TABLES as COURSES
from mirrord.store.courses import fold_courses
from mirrord.store.tally import NAMES, create_tally, folded_to, merge_sql, span_start
from mirrord.store.views import make_views

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
    spans = (create_tally(table, ("answered",)) for table in ("minutes", "hours", "totals"))
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


def _nothing(_: Database) -> None:
    """2: the views, which 3 makes anew."""


def _analytics(database: Database) -> None:
    """3: quarters, courses, who and whence, moods given by hand, and what counts without a scan."""
    for statement in (*_NEW_COLUMNS, create_tally("quarters"), *COURSES, _ACTIVE):
        database.execute(statement)
    last = folded_to(database)
    for table in ("minutes", "hours", "totals"):
        database.execute(_ANSWERED.format(table=table, start=span_start(table, "at")), [last])
    database.execute(f"INSERT INTO quarters {merge_sql('quarters', 'minutes')}")
    fold_courses(database, 0, last)
    for key, value in (("kept_answered", _COUNT_ANSWERED), ("gone_to", _GONE_TO)):
        database.execute(f"INSERT INTO state SELECT '{key}', ({value})")
    make_views(database)


_NEW_COLUMNS = (
    "ALTER TABLE readings ADD COLUMN user TEXT",
    "ALTER TABLE sessions ADD COLUMN user TEXT",
    "ALTER TABLE sessions ADD COLUMN browser TEXT",
    "ALTER TABLE sessions ADD COLUMN location_country TEXT",
    *(
        f"ALTER TABLE {table} ADD COLUMN answered INTEGER NOT NULL DEFAULT 0"
        for table in ("minutes", "hours", "totals")
    ),
)
_ACTIVE = "CREATE INDEX active_sessions ON sessions (id) WHERE is_active"
_ANSWERED = (
    "UPDATE {table} SET answered = a.answered FROM (SELECT {start} AS start, session,"
    " count(response_ms) AS answered FROM readings WHERE id <= ? GROUP BY 1, 2) a"
    " WHERE {table}.start = a.start AND {table}.session = a.session"
)
_FOLDED = "(SELECT value FROM state WHERE key = 'folded_to')"
_COUNT_ANSWERED = f"SELECT count(response_ms) FROM readings WHERE id <= {_FOLDED}"
# The last reading that was deleted for its age: just below the first that is left, unless there are
# gaps between those that are.
_GONE_TO = (
    "SELECT CASE WHEN count(*) = ifnull(max(id) - min(id) + 1, 0) THEN"
    f" ifnull(min(id) - 1, {_FOLDED}) ELSE max(id) END FROM readings WHERE id <= {_FOLDED}"
)


def _collective(database: Database) -> None:
    """5: what is shared with the collective, what left for it, and what waits for its date."""
    for statement in (*shared.TABLES, ledger.TABLE, *dating.TABLES):
        database.execute(statement)


def _halves(database: Database) -> None:
    """6: halves of an hour, for zones that lie half an hour beside UTC."""
    database.execute(create_tally("halves"))
    database.execute(f"INSERT INTO halves ({NAMES}) {merge_sql('halves', 'quarters')}")


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    _tables,
    _nothing,
    _analytics,
    create_corrections,
    _collective,
    _halves,
)


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
