"""How many there are, without looking at each.

Aggregates outlive their readings, so those that reach back to what was deleted for its age
(`state.gone_to`) cannot be trusted to say how many are left: their readings are counted one by one.
Everything else is added up: whole hours, then whole minutes, then the readings of a minute that is
cut in two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from sqlite_utils import Database

from mirrord.store.queries import Chosen, session_number
from mirrord.store.tally import SPANS, folded_to, state

What = Literal["readings", "responses"]
_SUM: Final = {"readings": "total", "responses": "answered"}
_EACH: Final = {"readings": "count(*)", "responses": "count(response_ms)"}
_KEPT: Final = {"readings": "kept", "responses": "kept_answered"}


class Totals(msgspec.Struct, frozen=True):
    """How much there is."""

    readings: int
    responses: int
    sessions: int
    active_sessions: int
    readings_last_hour: int
    responses_last_hour: int


def totals(database: Database, now: datetime) -> Totals:
    """Return how much there is, and came within the hour before `now`."""
    hour = Chosen(None, now - timedelta(hours=1), now + timedelta(milliseconds=1))
    sessions = "SELECT count(*) FROM sessions"
    return Totals(
        count(database, "readings", Chosen()),
        count(database, "responses", Chosen()),
        database.execute(sessions).fetchone()[0],
        database.execute(f"{sessions} WHERE is_active").fetchone()[0],
        count(database, "readings", hour),
        count(database, "responses", hour),
    )


def count(database: Database, what: What, chosen: Chosen) -> int:
    """Return how many readings, or responses to them, there are in the file."""
    return _Counter(database, what, chosen).all()


class _Counter:
    def __init__(self, database: Database, what: What, chosen: Chosen) -> None:
        self._database = database
        self._what: What = what
        self._span = chosen.span
        self._timed = chosen.since is not None or chosen.until is not None
        self._session = session_number(database, chosen.session_id)
        self._gone_to = int(state(database, "gone_to"))
        self._folded_to = folded_to(database)

    def all(self) -> int:
        unfolded = self._each(self._folded_to + 1, 1 << 62, self._session, *self._span)
        if self._timed:
            return unfolded + sum(self._parts())
        if self._session is None:
            return unfolded + int(state(self._database, _KEPT[self._what]))
        return unfolded + self._sum("totals", 0, 1)

    def _parts(self) -> Iterator[int]:
        """Yield the counts of whole hours, of the minutes beside them, and of the rest."""
        since, until = self._span
        for start, end, is_whole in _cut(since, until, SPANS["hours"]):
            if is_whole:
                yield self._sum("hours", start, end)
                continue
            for first, last, whole_minutes in _cut(start, end, SPANS["minutes"]):
                yield (self._sum if whole_minutes else self._look)("minutes", first, last)

    def _sum(self, table: str, start: int, end: int) -> int:
        """Add up the rows of a table from a start up to but without an end."""
        where, values = self._where(start, end)
        query = f"SELECT ifnull(sum({_SUM[self._what]}), 0) FROM {table} WHERE {where}"
        found = self._database.execute(f"{query} AND first_id > ?", [*values, self._gone_to])
        return int(found.fetchone()[0]) + self._left(table, start, end)

    def _left(self, table: str, start: int, end: int) -> int:
        """Count what is left of the rows some of whose readings may be gone."""
        where, values = self._where(start, end)
        oldest = "(SELECT ifnull(min(id), 0) FROM readings)"
        query = f"SELECT start, session, first_id, last_id FROM {table} WHERE {where}"
        rows = self._database.execute(
            f"{query} AND first_id <= ? AND last_id >= {oldest}", [*values, self._gone_to]
        )
        width = SPANS[table] or 1 << 62
        return sum(
            self._each(first, last, session, at, at + width) for at, session, first, last in rows
        )

    def _look(self, table: str, start: int, end: int) -> int:
        """Count the readings of a row that is not wholly within the span."""
        width = SPANS[table]
        where, values = self._where(start // width * width, end)
        rows = self._database.execute(
            f"SELECT session, first_id, last_id FROM {table} WHERE {where}", values
        )
        return sum(self._each(first, last, session, start, end) for session, first, last in rows)

    def _where(self, start: int, end: int) -> tuple[str, list[int]]:
        where, values = "start >= ? AND start < ?", [start, end]
        if self._session is None:
            return where, values
        return f"{where} AND session = ?", [*values, self._session]

    def _each(self, first: int, last: int, session: int | None, since: int, until: int) -> int:
        found = self._database.execute(
            f"SELECT {_EACH[self._what]} FROM readings WHERE id BETWEEN ? AND ?"
            " AND at >= ? AND at < ? AND ifnull(session = ?, true)",
            [first, last, since, until, session],
        )
        return int(found.fetchone()[0])


def _cut(since: int, until: int, width: int) -> Iterator[tuple[int, int, bool]]:
    """Yield the part of a span that consists of whole stretches, and what is beside it."""
    first, last = -(-since // width) * width, until // width * width
    if first >= last:
        yield since, until, False
        return
    for start, end, is_whole in ((since, first, False), (first, last, True), (last, until, False)):
        if start < end:
            yield start, end, is_whole
