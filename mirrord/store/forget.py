"""Deleting what was asked to be deleted, so that nothing of it is left anywhere in the file.

Aggregates that lie wholly within the span go. Those that are cut in two are made anew from the
readings that are left: what they knew of readings that had been deleted for their age before is
lost with it, an hour at most at each end.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Final

import msgspec
from sqlite_utils import Database

from mirrord.errors import Unavailable
from mirrord.store.counts import count
from mirrord.store.courses import refold_courses
from mirrord.store.fold import fold
from mirrord.store.leftovers import asides
from mirrord.store.queries import Chosen, session_number
from mirrord.store.shared import forget_all_shared, forget_shared, share_again
from mirrord.store.tally import KEPT, NAMES, SPANS, merge_sql, tally_sql

_WIPE_S: Final = 15.0  # how long to wait for those who still read what is to be wiped
_FINER: Final = ("minutes", "quarters", "halves", "hours")
_LOGS: Final = ("camera_log", "corrections", "mode_log")
_EVERYTHING: Final = (
    *("undated", "undated_sessions"),
    *("readings", *SPANS, "faces", "courses", "transitions", "sessions"),
    *_LOGS,
)


class Forgotten(msgspec.Struct, frozen=True):
    """What goes, or went."""

    readings: int
    responses: int
    sessions: int  # those that lie wholly within the span


def forgettable(database: Database, chosen: Chosen) -> Forgotten:
    """Return what `forget` would delete."""
    return Forgotten(
        count(database, "readings", chosen),
        count(database, "responses", chosen),
        len(_sessions_within(database, chosen)),
    )


def forget(database: Database, chosen: Chosen) -> Forgotten:
    """Delete readings, aggregates and sessions: all, of a span of time, or of one session.

    Without a session, the logs of the camera, of modes and of corrections go as well. A session
    that lies only partly within the span begins or ends where the span does not reach. Call it
    within a transaction, then `wipe`.
    """
    fold(database)
    going = forgettable(database, chosen)
    if chosen == Chosen():
        forget_all_shared(database)
        for table in _EVERYTHING:
            database.execute(f"DELETE FROM {table}")
        database.execute("UPDATE state SET value = 0 WHERE key IN ('kept', 'kept_answered')")
        return going
    sessions = _sessions_within(database, chosen)
    shared = _shared_touched(database, chosen)
    _forget_readings(database, chosen)
    _forget_sessions(database, chosen, sessions)
    for session in shared:
        (forget_shared if session in sessions else share_again)(database, session)
    if chosen.session_id is None:
        for table in _LOGS:
            database.execute(f"DELETE FROM {table} WHERE at >= ? AND at < ?", chosen.span)
    return going


def wipe(database: Database, path: Path) -> None:
    """Make the file anew without what was deleted, empty its log, delete older files.

    Those may hold what was to be forgotten, and cannot be searched. Raises Unavailable if another
    program keeps reading the old state for too long.
    """
    _empty_log(database, path)
    try:
        database.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_FULL:
            raise  # without room for a copy the file stays large, but what is gone is zeros
    _empty_log(database, path)
    for aside in asides(path):
        aside.unlink(missing_ok=True)


def _empty_log(database: Database, path: Path) -> None:
    ends = time.monotonic() + _WIPE_S
    while database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() > ends:
            raise Unavailable(
                f"{path}: deleted, but another program is reading the file, so that traces are left"
                " in its log; ask for it once more when that is over"
            )
        time.sleep(0.05)


def _forget_readings(database: Database, chosen: Chosen) -> None:
    since, until = chosen.span
    session = session_number(database, chosen.session_id)
    where, values = "start > ? AND start < ? AND ifnull(session = ?, true)", [until, session]
    cut = [since - SPANS["hours"], *values]
    first, last = database.execute(
        f"SELECT min(first_id), max(last_id) FROM hours WHERE {where}", cut
    ).fetchone()
    if first is None:
        return
    affected = [
        row[0] for row in database.execute(f"SELECT DISTINCT session FROM hours WHERE {where}", cut)
    ]
    _delete_readings(database, [first, last, since, until, session])
    for table in _FINER:
        width = SPANS[table]
        database.execute(f"DELETE FROM {table} WHERE {where}", [since - width, *values])
        edges = [since // width * width, -(-until // width) * width]
        database.execute(
            f"INSERT INTO {table} ({NAMES}) {tally_sql(table, _READINGS)}",
            [first, last, *edges, session],
        )
    _make_wholes_anew(database, affected)


_READINGS: Final = "id BETWEEN ? AND ? AND at >= ? AND at < ? AND ifnull(session = ?, true)"


def _delete_readings(database: Database, values: list[int | None]) -> None:
    for key, counted in KEPT.items():
        database.execute(
            "UPDATE state SET value = value -"
            f" (SELECT {counted} FROM readings WHERE {_READINGS}) WHERE key = ?",
            [*values, key],
        )
    database.execute(f"DELETE FROM readings WHERE {_READINGS}", values)


def _make_wholes_anew(database: Database, sessions: list[int]) -> None:
    """Make what is kept of whole sessions from their hours and their readings."""
    chosen = f"session IN ({', '.join(map(str, sessions))})"
    database.execute(f"DELETE FROM totals WHERE {chosen}")
    database.execute(f"INSERT INTO totals ({NAMES}) {merge_sql('totals', 'hours', chosen)}")
    first, last = database.execute(
        f"SELECT min(first_id), max(last_id) FROM totals WHERE start = 0 AND {chosen}"
    ).fetchone()
    refold_courses(database, sessions, first or 0, last or 0)


# From when to when a session was there, its readings included: `u` are those not folded yet.
_STAYS: Final = """
SELECT s.id, min(s.started, ifnull(t.first_at, s.started), ifnull(u.first_at, s.started)) AS began,
  max(s.last_activity, ifnull(t.last_at, 0), ifnull(u.last_at, 0)) AS ended
FROM sessions s LEFT JOIN totals t ON t.start = 0 AND t.session = s.id
LEFT JOIN (SELECT session, min(at) AS first_at, max(at) AS last_at FROM readings
  WHERE id > (SELECT value FROM state WHERE key = 'folded_to') GROUP BY session
) u ON u.session = s.id
"""


def _sessions_within(database: Database, chosen: Chosen) -> list[int]:
    since, until = chosen.span
    session = session_number(database, chosen.session_id)
    rows = database.execute(
        f"SELECT id FROM ({_STAYS}) WHERE began >= ? AND ended < ? AND ifnull(id = ?, true)",
        [since, until, session],
    )
    return [row[0] for row in rows]


def _shared_touched(database: Database, chosen: Chosen) -> list[int]:
    """Return the shared sessions of which something may lie within the span."""
    since, until = chosen.span
    session = session_number(database, chosen.session_id)
    rows = database.execute(
        f"SELECT id FROM ({_STAYS}) JOIN shared ON shared.session = id"
        " WHERE ended >= ? AND began < ? AND ifnull(id = ?, true)",
        [since, until, session],
    )
    return [row[0] for row in rows]


def _forget_sessions(database: Database, chosen: Chosen, within: list[int]) -> None:
    """Delete sessions; let others begin and end with the readings that are left."""
    since, until = chosen.span
    session = session_number(database, chosen.session_id)
    database.execute(f"DELETE FROM sessions WHERE id IN ({', '.join(map(str, within))})")
    for column, end, otherwise in (
        ("started", "first_at", until),
        ("last_activity", "last_at", since),
    ):
        database.execute(
            f"UPDATE sessions SET {column} = ifnull((SELECT {end} FROM totals WHERE start = 0"
            f" AND session = sessions.id), ?) WHERE {column} >= ? AND {column} < ?"
            " AND ifnull(id = ?, true)",
            [otherwise, since, until, session],
        )
