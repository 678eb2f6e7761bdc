"""What is recorded before the clock was set is dated right once it is.

Until then each reading is kept with the wrong clock's time, and beside it, in `undated`, with the
milliseconds since the computer started. Once the clock is set, both give the right time. What an
earlier start of the computer has left undated cannot be dated any more: it keeps its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlite_utils import Database

from mirrord.store.courses import refold_courses
from mirrord.store.room import give_up
from mirrord.store.shared import forget_shared, is_sharing, share_again
from mirrord.store.tally import MOMENT, NAMES, SPANS, folded_to, merge_sql, tally_sql

_BOOT: Final = "undated_boot"
_MOST: Final = 500_000  # readings; beyond them the oldest keep the time that they have
TABLES: Final = (
    "CREATE TABLE undated (reading INTEGER PRIMARY KEY, since_boot INTEGER NOT NULL) STRICT",
    "CREATE TABLE undated_sessions (session INTEGER PRIMARY KEY, started INTEGER,"
    " last_activity INTEGER) STRICT",
)


@dataclass(frozen=True, slots=True)
class Dating:
    """How time stands: milliseconds since the computer's start `boot`, and is the clock right?"""

    boot: str = ""
    ms: Callable[[], int] = lambda: 0
    is_set: Callable[[], bool] = lambda: True

    def undated_ms(self) -> int | None:
        """Return the time since the start, None if the wall clock is right."""
        return None if self.is_set() else self.ms()


DATED: Final = Dating()
"""The clock is right."""


def note_reading(database: Database, number: int, since_boot: int) -> None:
    """Keep beside a reading when it was, counted from the computer's start."""
    database.execute("INSERT OR REPLACE INTO undated VALUES (?, ?)", [number, since_boot])
    database.execute("DELETE FROM undated WHERE reading <= ?", [number - _MOST])


_NOTE: Final = (
    "INSERT INTO undated_sessions (session, {column}) SELECT id, ? FROM sessions"
    " WHERE session_id = ? ON CONFLICT DO UPDATE SET {column} = {value}"
)
_STARTED: Final = _NOTE.format(column="started", value="ifnull(started, excluded.started)")
_ENDED: Final = _NOTE.format(column="last_activity", value="excluded.last_activity")


def note_session(database: Database, session_id: str, since_boot: int, *, ended: bool) -> None:
    """Keep the same beside the beginning of a session, or its end."""
    database.execute(_ENDED if ended else _STARTED, [since_boot, session_id])


def is_undated(database: Database) -> bool:
    """Tell whether anything waits for its date."""
    query = "SELECT EXISTS (SELECT 1 FROM undated) OR EXISTS (SELECT 1 FROM undated_sessions)"
    return bool(database.execute(query).fetchone()[0])


def begin_dating(database: Database, boot: str) -> None:
    """Note which start of the computer is counted from. What an earlier one left is given up.

    Sessions that cannot be dated are not shared, and counted as left out: a wrong time is worse
    than none.
    """
    row = database.execute("SELECT value FROM state WHERE key = ?", [_BOOT]).fetchone()
    if row is not None and row[0] == boot:
        return
    for session in _sessions(database):
        give_up(database, session)
        forget_shared(database, session)
    _clear(database)
    database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [_BOOT, boot])


def date(database: Database, offset_ms: int) -> None:
    """Give everything undated its right time: since the start, plus `offset_ms`.

    Call it within a transaction, everything being folded.
    """
    sessions = _sessions(database)
    first = _take_out(database, sessions)
    database.execute(
        f"UPDATE readings SET at = min(max(u.since_boot + ?, 0), {MOMENT - 1}) FROM undated u"
        " WHERE u.reading = readings.id",
        [offset_ms],
    )
    database.execute(
        "UPDATE sessions SET started = max(ifnull(u.started + :by, sessions.started), 0),"
        " last_activity = max(ifnull(u.last_activity + :by, u.started + :by),"
        " ifnull(u.started + :by, sessions.started), 0)"
        " FROM undated_sessions u WHERE u.session = sessions.id",
        {"by": offset_ms},
    )
    _put_back(database, sessions, first)
    _clear(database)


def _sessions(database: Database) -> list[int]:
    rows = database.execute(
        "SELECT DISTINCT session FROM readings WHERE id IN (SELECT reading FROM undated)"
        " UNION SELECT session FROM undated_sessions"
    )
    return [row[0] for row in rows]


def _take_out(database: Database, sessions: list[int]) -> int:
    """Delete the aggregates of sessions; return before which reading they have none."""
    chosen = f"session IN ({', '.join(map(str, sessions))})"
    query = f"SELECT ifnull(min(first_id), 0) FROM totals WHERE start = 0 AND {chosen}"
    first = int(database.execute(query).fetchone()[0])
    for table in SPANS:
        database.execute(f"DELETE FROM {table} WHERE {chosen}")
    return first


def _put_back(database: Database, sessions: list[int], first: int) -> None:
    """Make the aggregates of sessions anew from their readings."""
    chosen = f"session IN ({', '.join(map(str, sessions))})"
    ids = [first, folded_to(database)]
    for table in ("minutes", "quarters", "halves", "hours"):
        made = tally_sql(table, f"id BETWEEN ? AND ? AND {chosen}")
        database.execute(f"INSERT INTO {table} ({NAMES}) {made}", ids)
    database.execute(f"INSERT INTO totals ({NAMES}) {merge_sql('totals', 'hours', chosen)}")
    refold_courses(database, sessions, *ids)
    if is_sharing(database):
        for session in sessions:
            share_again(database, session)


def _clear(database: Database) -> None:
    database.execute("DELETE FROM undated")
    database.execute("DELETE FROM undated_sessions")
