"""One moment of the past: a reading, how the room answered it, and what the room did then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from sqlite_utils import Database

from mirrord.model import ModeName, MoodName
from mirrord.store.codec import from_ms, to_ms
from mirrord.store.queries import Chosen, readings
from mirrord.store.records import ReadingRecord, ResponseRecord

T = TypeVar("T")
MODE_LOG: Final = (
    "CREATE TABLE mode_log (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, mode TEXT NOT NULL,"
    " goal TEXT NOT NULL, by_hand INTEGER NOT NULL) STRICT"
)
# How long before a time a reading may lie to speak for it.
_RECENT: Final = timedelta(minutes=10)


class ModeRecord(msgspec.Struct, frozen=True):
    """From `at` (UTC) on, the room did this; `by_hand`: a person had set the mood."""

    at: datetime
    mode: ModeName
    goal: MoodName
    by_hand: bool


class Moment(msgspec.Struct, frozen=True):
    """A reading with what belongs to it; None is what is not known, or was not."""

    reading: ReadingRecord
    response: ResponseRecord | None
    mode: ModeRecord | None


@dataclass(frozen=True, slots=True)
class ModeChosen:
    """The room does something else from now on."""

    at: int
    mode: str
    goal: str
    by_hand: bool

    def write(self, database: Database) -> None:
        database.execute(
            "INSERT INTO mode_log (at, mode, goal, by_hand) VALUES (?, ?, ?, ?)",
            [self.at, self.mode, self.goal, int(self.by_hand)],
        )


def moment_of(database: Database, reading_id: UUID) -> Moment | None:
    """Return the moment of a reading; None if there is no such reading."""
    number = reading_id.int >> 80  # a reading's UUID begins with its number
    reading = _one(database, "emotion_readings", "id", number, reading_id, ReadingRecord)
    return None if reading is None else _moment(database, reading)


def moment_at(database: Database, at: datetime) -> Moment | None:
    """Return the moment of the last reading up to a time; None if there is none within 10 min."""
    try:
        chosen = Chosen(None, at - _RECENT, at + timedelta(milliseconds=1))
    except OverflowError:  # at an end of the calendar nothing was recorded
        return None
    found = readings(database, chosen, 1)
    return _moment(database, found[0]) if found else None


def _moment(database: Database, reading: ReadingRecord) -> Moment:
    view, number = "environment_responses", reading.id.int >> 80
    response = _one(database, view, "reading", number, reading.id, ResponseRecord)
    return Moment(reading, response, _mode_at(database, reading.timestamp))


def _one(
    database: Database, view: str, key: str, number: int, reading_id: UUID, kind: type[T]
) -> T | None:
    rows = database.query(
        f"SELECT * FROM {view} WHERE number = ? AND {key} = ?", [number, str(reading_id)]
    )
    return next((msgspec.convert(row, kind, strict=False) for row in rows), None)


def _mode_at(database: Database, at: datetime) -> ModeRecord | None:
    rows: list[dict[str, Any]] = list(
        database.query("SELECT * FROM mode_log WHERE at <= ? ORDER BY id DESC LIMIT 1", [to_ms(at)])
    )
    if not rows:
        return None
    row = rows[0]
    return ModeRecord(from_ms(row["at"]), row["mode"], row["goal"], bool(row["by_hand"]))
