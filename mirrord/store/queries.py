"""Questions to the store, asked of a connection that cannot write.

No question reads more readings than it answers with, beyond those not folded yet: the aggregates
say between which ids the readings of a time or of a session lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlite_utils import Database

from mirrord.analytics.aggregate import Aggregate
from mirrord.store.codec import to_ms
from mirrord.store.records import (
    CameraRecord,
    ReadingRecord,
    ResponseRecord,
    SessionRecord,
    aggregate_of,
)
from mirrord.store.tally import MOMENT, SPANS, folded_to, tally_sql

T = TypeVar("T")
_LAST_ID: Final = 1 << 62
_LONG_MS: Final = 6 * SPANS["hours"]  # from here on, hours say well enough where readings lie


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which readings: of one session or all, from `since` up to but without `until`."""

    session_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Milliseconds since 1970: from, and up to but without."""
        return (
            to_ms(self.since) if self.since else 0,
            to_ms(self.until) if self.until else MOMENT,
        )


def readings(database: Database, chosen: Chosen, limit: int) -> list[ReadingRecord]:
    """Return readings, the newest first."""
    return _of_readings(database, "emotion_readings", ReadingRecord, chosen, limit)


def responses(database: Database, chosen: Chosen, limit: int) -> list[ResponseRecord]:
    """Return environment responses, the newest first."""
    return _of_readings(database, "environment_responses", ResponseRecord, chosen, limit)


def sessions(database: Database, active: bool | None, limit: int) -> list[SessionRecord]:
    """Return sessions, the newest first; the open, the closed, or all."""
    where = "" if active is None else f"WHERE is_active = {int(active)}"
    rows = database.query(
        f"SELECT * FROM emotion_sessions {where} ORDER BY number DESC LIMIT ?", [limit]
    )
    return [_record(row, SessionRecord) for row in rows]


def begun_by(database: Database, user: str) -> tuple[int, int]:
    """Return how many sessions a user began, and how many readings those have."""
    count, readings = database.execute(
        "SELECT count(*), ifnull(sum(total_readings), 0) FROM emotion_sessions WHERE user = ?",
        [user],
    ).fetchone()
    return int(count), int(readings)


def aggregates(database: Database, table: str, chosen: Chosen) -> list[Aggregate]:
    """Return the rows of `minutes` or `hours` that begin within the span, the oldest first."""
    since, until = chosen.span
    session = session_number(database, chosen.session_id)
    found: dict[tuple[int, int], Aggregate] = {}
    sources = (
        (f"SELECT * FROM {table} WHERE start >= ? AND start < ?", [since, until]),
        (tally_sql(table), [folded_to(database)]),
    )
    for query, parameters in sources:
        for row in database.query(
            f"SELECT a.*, s.session_id FROM ({query}) a LEFT JOIN sessions s ON s.id = a.session"
            " WHERE a.start >= ? AND a.start < ? AND ifnull(a.session = ?, true)",
            [*parameters, since, until, session],
        ):
            key, new = (row["start"], row["session"]), aggregate_of(row)
            found[key] = found[key] + new if key in found else new
    return [found[key] for key in sorted(found)]


def camera_log(database: Database, limit: int) -> list[CameraRecord]:
    """Return the camera's changes, the newest first."""
    rows = database.query(
        "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, state"
        " FROM camera_log ORDER BY id DESC LIMIT ?",
        [limit],
    )
    return [_record(row, CameraRecord) for row in rows]


def _of_readings(
    database: Database, view: str, kind: type[T], chosen: Chosen, limit: int
) -> list[T]:
    since, until = chosen.span
    found: list[T] = []
    for first, last in _between(database, chosen):
        rows = database.query(
            f"SELECT * FROM {view} WHERE number BETWEEN ? AND ? AND at >= ? AND at < ?"
            " AND ifnull(session_id = ?, true) ORDER BY number DESC LIMIT ?",
            [first, last, since, until, chosen.session_id, limit - len(found)],
        )
        found += [_record(row, kind) for row in rows]
    return found


def _between(database: Database, chosen: Chosen) -> Iterator[tuple[int, int]]:
    """Yield ids between which the chosen readings lie, the newest first."""
    end = folded_to(database)
    yield end + 1, _LAST_ID
    table, where, parameters = _where(database, chosen)
    first, last = database.execute(
        f"SELECT min(first_id), max(last_id) FROM {table} WHERE {where}", parameters
    ).fetchone()
    if first is not None:
        yield first, last


def _where(database: Database, chosen: Chosen) -> tuple[str, str, Sequence[Any]]:
    if chosen.session_id is not None:
        session = session_number(database, chosen.session_id)
        return "totals", "start = 0 AND session = ?", [session]
    since, until = chosen.span
    table = "minutes" if until - since < _LONG_MS else "hours"
    return table, "start > ? AND start < ?", [since - SPANS[table], until]


def session_number(database: Database, session_id: str | None) -> int | None:
    """Return the number of a session, -1 of one that is not known, None for none."""
    if session_id is None:
        return None
    row = database.execute("SELECT id FROM sessions WHERE session_id = ?", [session_id]).fetchone()
    return int(row[0]) if row else -1


def _record(row: dict[str, Any], kind: type[T]) -> T:
    return msgspec.convert(row, kind, strict=False)
