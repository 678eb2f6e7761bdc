"""Stretches of long lists, by position or from a record on, and how long the lists are.

No question reads more readings than it answers with, beyond those not folded yet; only skipping to
a far position walks over the ids in between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from sqlite_utils import Database

from mirrord.store.codec import to_ms
from mirrord.store.counts import count
from mirrord.store.queries import Chosen, session_number
from mirrord.store.records import ReadingRecord, ResponseRecord, SessionRecord
from mirrord.store.tally import SPANS, folded_to, state

T = TypeVar("T")
_LAST_ID: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Window:
    """`size` records after the first `skip` (newest first), or those next to a number.

    `before` asks for older ones, `after` for newer ones; the answer is newest first all the same.
    """

    size: int
    skip: int = 0
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a list: how long the whole list is, the records and their numbers."""

    count: int
    records: list[Any]
    numbers: list[int]


def readings(
    database: Database, session_id: str | None, since: datetime | None, window: Window
) -> Stretch:
    """Return a stretch of the readings of a session, or since a time, or of all."""
    wanted = _All(session_number(database, session_id), to_ms(since) if since else 0, "true")
    there = count(database, "readings", Chosen(session_id, since))
    return _of_readings(database, "emotion_readings", ReadingRecord, wanted, window, there)


def responses(database: Database, session_id: str | None, window: Window) -> Stretch:
    """Return a stretch of the environment responses of a session, or of all."""
    wanted = _All(session_number(database, session_id), 0, "response_ms IS NOT NULL")
    there = count(database, "responses", Chosen(session_id))
    return _of_readings(database, "environment_responses", ResponseRecord, wanted, window, there)


def sessions(database: Database, active: bool | None, window: Window) -> Stretch:
    """Return a stretch of the sessions: the open, the closed, or all."""
    where = "true" if active is None else f"is_active = {int(active)}"
    there = database.execute(f"SELECT count(*) FROM sessions WHERE {where}").fetchone()[0]
    low, high = _limits(window)
    order = "ASC" if window.after is not None else "DESC"
    numbers = [
        row[0]
        for row in database.execute(
            f"SELECT id FROM sessions WHERE {where} AND id > ? AND id < ?"
            f" ORDER BY id {order} LIMIT ? OFFSET ?",
            [low, high, window.size, window.skip],
        )
    ]
    return _stretch(database, "emotion_sessions", SessionRecord, numbers, there)


def session(database: Database, session_id: str) -> SessionRecord | None:
    """Return one session."""
    rows = database.query("SELECT * FROM emotion_sessions WHERE session_id = ?", [session_id])
    return next((msgspec.convert(row, SessionRecord, strict=False) for row in rows), None)


def reading(database: Database, reading_id: UUID) -> ReadingRecord | None:
    """Return one reading. A UUID begins with the reading's number, and ends as all of the file."""
    if str(reading_id)[14:] != state(database, "uuid_tail"):
        return None
    rows = database.query("SELECT * FROM emotion_readings WHERE number = ?", [reading_id.int >> 80])
    return next((msgspec.convert(row, ReadingRecord, strict=False) for row in rows), None)


@dataclass(frozen=True, slots=True)
class _All:
    """The readings of a session or all, not taken before a time, that fulfil a condition."""

    session: int | None
    since: int
    only: str


@dataclass(frozen=True, slots=True)
class _Part:
    """Those of them from one id to another."""

    first: int
    last: int
    wanted: _All

    @property
    def where(self) -> str:
        only = self.wanted.only
        return f"id BETWEEN ? AND ? AND ifnull(session = ?, true) AND at >= ? AND {only}"

    @property
    def values(self) -> list[int | None]:
        return [self.first, self.last, self.wanted.session, self.wanted.since]

    def within(self, low: int, high: int) -> _Part:
        return replace(self, first=max(self.first, low + 1), last=min(self.last, high - 1))


def _of_readings(
    database: Database, view: str, kind: type[T], wanted: _All, window: Window, count: int
) -> Stretch:
    low, high = _limits(window)
    parts = [part.within(low, high) for part in _parts(database, wanted)]
    return _stretch(database, view, kind, _numbers(database, parts, window), count)


def _limits(window: Window) -> tuple[int, int]:
    """Return between which numbers, both left out, the records of a window lie."""
    low = -1 if window.after is None else window.after
    return low, _LAST_ID if window.before is None else window.before


def _parts(database: Database, wanted: _All) -> list[_Part]:
    """Return where the readings lie: those not folded yet, then the others, if there are any."""
    end = folded_to(database)
    tail = _Part(end + 1, _LAST_ID, wanted)
    oldest = database.execute("SELECT min(id) FROM readings").fetchone()[0]
    if oldest is None or oldest > end:
        return [tail]
    first, last = _ends(database, wanted) or (oldest, end)
    if first is None or last < oldest:
        return [tail]
    return [tail, _Part(max(first, oldest), last, wanted)]


def _ends(database: Database, wanted: _All) -> tuple[int | None, int] | None:
    """Return the first and the last id as the aggregates know them; None if all are wanted."""
    if wanted.session is not None:
        table, where, value = "totals", "start = 0 AND session = ?", wanted.session
    elif wanted.since:
        table, where, value = "hours", "start > ?", wanted.since - SPANS["hours"]
    else:
        return None
    query = f"SELECT min(first_id), ifnull(max(last_id), 0) FROM {table} WHERE {where}"
    first, last = database.execute(query, [value]).fetchone()
    return first, last


def _numbers(database: Database, parts: list[_Part], window: Window) -> list[int]:
    upwards = window.after is not None
    order = "ASC" if upwards else "DESC"
    found: list[int] = []
    skip = window.skip
    for part in reversed(parts) if upwards else parts:
        if skip and part.last == _LAST_ID - 1:  # the newest, not folded yet
            there = _counted(database, part)
            if there <= skip:
                skip -= there
                continue
        query = f"SELECT id FROM readings WHERE {part.where} ORDER BY id {order} LIMIT ? OFFSET ?"
        rows = database.execute(query, [*part.values, window.size - len(found), skip])
        found += [row[0] for row in rows]
        skip = 0
    return found


def _stretch(
    database: Database, view: str, kind: type[T], numbers: list[int], count: int
) -> Stretch:
    if not numbers:
        return Stretch(count, [], [])
    marks = ", ".join("?" * len(numbers))
    rows = list(
        database.query(
            f"SELECT * FROM {view} WHERE number IN ({marks}) ORDER BY number DESC", numbers
        )
    )
    records = [msgspec.convert(row, kind, strict=False) for row in rows]
    return Stretch(count, records, [row["number"] for row in rows])


def _counted(database: Database, part: _Part) -> int:
    query = f"SELECT count(*) FROM readings WHERE {part.where}"
    return int(database.execute(query, part.values).fetchone()[0])
