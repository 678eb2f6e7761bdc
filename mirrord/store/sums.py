"""What analytics is made of, read from the aggregates: buckets of time, and whole sessions.

Readings that are not folded yet, a few hundred at most, are added on the way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal

from sqlite_utils import Database

from mirrord.analytics.aggregate import MEASURES, WORDS, Aggregate, Bucket
from mirrord.analytics.sessions import Whole
from mirrord.model import MOODS
from mirrord.store.codec import from_ms
from mirrord.store.courses import course_of
from mirrord.store.queries import Chosen, session_number
from mirrord.store.records import aggregate_of
from mirrord.store.tally import folded_to, tally_sql

Width = Literal["minute", "quarter", "half", "hour"]
TABLES: Final = {
    "minute": "minutes",
    "quarter": "quarters",
    "half": "halves",
    "hour": "hours",
}
SUMMED: Final = ", ".join(
    f"sum({name})"
    for name in (
        "total",
        *(f"dominant_{mood}" for mood in MOODS),
        *(f"saw_{word}" for word in WORDS),
        *(f"{name}_sum" for name in MEASURES),
    )
)
_AT_MOODS: Final = 2
_AT_WORDS: Final = _AT_MOODS + len(MOODS)
_AT_SUMS: Final = _AT_WORDS + len(WORDS)


def buckets(database: Database, width: Width, chosen: Chosen) -> list[Bucket]:
    """Return the buckets that begin within the span, all sessions together, the oldest first."""
    found = {one.start: one for one in _found(database, TABLES[width], [], chosen)}
    for new in unfolded(database, width, chosen):
        found[new.start] = found[new.start] + new if new.start in found else new
    return [found[start] for start in sorted(found)]


def unfolded(database: Database, width: Width, chosen: Chosen) -> list[Bucket]:
    """Return those of the readings that no aggregate contains yet."""
    source = f"({tally_sql(TABLES[width])})"
    return list(_found(database, source, [folded_to(database)], chosen))


def bucket_of_row(row: tuple[Any, ...]) -> Bucket:
    """Return a bucket that begins at a time in milliseconds and has the columns of `SUMMED`."""
    return Bucket(
        from_ms(row[0]), row[1], row[_AT_MOODS:_AT_WORDS], row[_AT_WORDS:_AT_SUMS], row[_AT_SUMS:]
    )


def _found(database: Database, source: str, values: list[Any], chosen: Chosen) -> Iterator[Bucket]:
    session = session_number(database, chosen.session_id)
    where = "start >= ? AND start < ? AND ifnull(session = ?, true)"
    query = f"SELECT start, {SUMMED} FROM {source} WHERE {where} GROUP BY start ORDER BY start"
    return map(bucket_of_row, database.execute(query, [*values, *chosen.span, session]))


def whole(database: Database, session_id: str) -> Whole | None:
    """Return all of a session that its figures are made of; None if it is not known."""
    session = session_number(database, session_id)
    row = database.execute(
        "SELECT started, last_activity, is_active FROM sessions WHERE id = ?", [session]
    ).fetchone()
    if row is None or session is None:
        return None
    since = folded_to(database)
    sources = (
        ("SELECT * FROM totals WHERE start = 0 AND session = ?", [session]),
        (tally_sql("totals", "id > ? AND session = ?"), [since, session]),
    )
    sums: Aggregate | None = None
    started, ended, active = row
    for query, values in sources:
        for found in database.query(query, values):
            new = aggregate_of({**found, "session_id": session_id})
            sums = new if sums is None else sums + new
            ended = max(ended, found["last_at"])
    course = course_of(database, session, since)
    return Whole(session_id, from_ms(started), from_ms(ended), bool(active), sums, course)
