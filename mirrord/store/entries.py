"""What waits to be written. Each entry knows how to write itself, within a transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from sqlite_utils import Database

from mirrord.store.codec import COLUMNS
from mirrord.store.dating import note_reading, note_session


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
    user: str | None = None
    browser: str | None = None
    location_country: str | None = None  # ISO 3166, two letters
    since_boot: int | None = None  # ms; None if the clock is right

    def write(self, database: Database) -> None:
        database.execute(
            f"{_ADD_SESSION} ON CONFLICT (session_id) DO UPDATE SET is_active = 1,"
            " last_activity = max(last_activity, excluded.last_activity)",
            self.values,
        )
        if self.since_boot is not None:
            note_session(database, self.session_id, self.since_boot, ended=False)

    @property
    def values(self) -> list[Any]:
        who = (self.device_type, self.user, self.browser, self.location_country)
        return [self.session_id, self.at, self.at, *who]


@dataclass(slots=True)
class SessionMade:
    """A session begins, unless there is one of that name: `made` says so, once it is written."""

    session: SessionStarted
    made: bool = False

    def write(self, database: Database) -> None:
        written = database.execute(f"{_ADD_SESSION} ON CONFLICT DO NOTHING", self.session.values)
        self.made = written.rowcount > 0


_ADD_SESSION: Final = (
    "INSERT INTO sessions (session_id, started, last_activity, is_active,"
    " device_type, user, browser, location_country) VALUES (?, ?, ?, 1, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A session ends."""

    session_id: str
    at: int
    since_boot: int | None = None

    def write(self, database: Database) -> None:
        database.execute(
            "UPDATE sessions SET is_active = 0, last_activity = max(last_activity, ?)"
            " WHERE session_id = ?",
            [self.at, self.session_id],
        )
        if self.since_boot is not None:
            note_session(database, self.session_id, self.since_boot, ended=True)


# The id goes on from the last one that was folded even when every reading has been deleted, so that
# a UUID is never given twice.
_ADD_READING: Final = (
    f"INSERT INTO readings (id, session, {', '.join(COLUMNS)}) SELECT"
    " 1 + max(ifnull((SELECT max(id) FROM readings), 0),"
    " (SELECT value FROM state WHERE key = 'folded_to')), id,"
    f" {', '.join('?' * len(COLUMNS))} FROM sessions WHERE session_id = ?"
)


@dataclass(slots=True)
class ReadingTaken:
    """A reading with its response; `row` holds the values of `codec.COLUMNS`.

    `number` is the reading's, once it is written. A session that is not known begins with it, and
    is the user's and of the device.
    """

    session_id: str
    row: tuple[Any, ...]
    device_type: str = "mirror"
    number: int = 0
    since_boot: int | None = None

    def write(self, database: Database) -> None:
        if not self._add(database):
            user = self.row[COLUMNS.index("user")]
            begins = SessionStarted(self.session_id, self.row[0], self.device_type, user)
            replace(begins, since_boot=self.since_boot).write(database)
            self._add(database)
        if self.since_boot is not None and self.number:
            note_reading(database, self.number, self.since_boot)

    def _add(self, database: Database) -> bool:
        written = database.execute(_ADD_READING, [*self.row, self.session_id])
        self.number = written.lastrowid or 0
        return written.rowcount > 0


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
    durable: bool = True

    def write(self, database: Database) -> None:
        database.table("settings").upsert({"key": self.key, "value": self.value}, pk="key")
