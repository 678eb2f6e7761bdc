"""What waits to be written. Each entry knows how to write itself, within a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlite_utils import Database

from mirrord.store.codec import COLUMNS


class Entry(Protocol):
    """One thing to be kept."""

    def write(self, database: Database) -> None:
        """Write it. Writing a session, or an end, twice does no harm."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A session begins, or one that was closed goes on. `at` is in ms since 1970, as are all."""

    session_id: str
    at: int
    device_type: str

    def write(self, database: Database) -> None:
        database.execute(
            "INSERT INTO sessions (session_id, started, last_activity, is_active, device_type)"
            " VALUES (?, ?, ?, 1, ?) ON CONFLICT (session_id) DO UPDATE SET is_active = 1,"
            " last_activity = max(last_activity, excluded.last_activity)",
            [self.session_id, self.at, self.at, self.device_type],
        )


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A session ends."""

    session_id: str
    at: int

    def write(self, database: Database) -> None:
        database.execute(
            "UPDATE sessions SET is_active = 0, last_activity = max(last_activity, ?)"
            " WHERE session_id = ?",
            [self.at, self.session_id],
        )


# The id goes on from the last one that was folded even when every reading has been deleted, so that
# a UUID is never given twice.
_ADD_READING: Final = (
    f"INSERT INTO readings (id, session, {', '.join(COLUMNS)}) SELECT"
    " 1 + max(ifnull((SELECT max(id) FROM readings), 0),"
    " (SELECT value FROM state WHERE key = 'folded_to')), id,"
    f" {', '.join('?' * len(COLUMNS))} FROM sessions WHERE session_id = ?"
)


@dataclass(frozen=True, slots=True)
class ReadingTaken:
    """A reading with its response; `row` holds the values of `codec.COLUMNS`."""

    session_id: str
    row: tuple[Any, ...]

    def write(self, database: Database) -> None:
        written = database.execute(_ADD_READING, [*self.row, self.session_id]).rowcount
        if not written:  # a session begins with its first reading, too
            SessionStarted(self.session_id, self.row[0], "mirror").write(database)
            database.execute(_ADD_READING, [*self.row, self.session_id])


@dataclass(frozen=True, slots=True)
class CameraLogged:
    """The camera's state changed."""

    state: str
    at: int

    def write(self, database: Database) -> None:
        database.execute("INSERT INTO camera_log (at, state) VALUES (?, ?)", [self.at, self.state])


@dataclass(frozen=True, slots=True)
class SettingSaved:
    """A setting has a new value, as JSON text."""

    key: str
    value: str

    def write(self, database: Database) -> None:
        database.table("settings").upsert({"key": self.key, "value": self.value}, pk="key")
