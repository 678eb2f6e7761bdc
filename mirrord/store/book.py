"""An open database: what is written to it, and how."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlite_utils import Database

from mirrord.runtime import wall
from mirrord.store import dating
from mirrord.store.barred import bar, last_barred, not_barred
from mirrord.store.codec import from_ms, to_ms
from mirrord.store.dating import DATED, Dating
from mirrord.store.entries import Entry, SessionEnded, SettingSaved
from mirrord.store.failures import is_damage, is_passing
from mirrord.store.fold import fold
from mirrord.store.forget import Forgotten, forget, wipe
from mirrord.store.ledger import tidy_ledger
from mirrord.store.limits import Limits
from mirrord.store.queries import Chosen
from mirrord.store.retention import expire, trim
from mirrord.store.room import make_room
from mirrord.store.shared import MINUTE_MS, close_what_is_over, is_sharing
from mirrord.store.tally import folded_to, state

_log = logging.getLogger(__name__)
# Folding rewrites a page of each aggregate, so it is worth a few hundred readings.
FOLD_EVERY: Final = 300


@dataclass(frozen=True, slots=True)
class Figures:
    """How the file stands."""

    bytes: int = 0  # the file and its log
    readings: int = 0
    oldest: datetime | None = None
    forgotten_ms: int = 0  # when something was last deleted because a person asked for it


class Book:
    """One connection that writes. Blocking; used by one thread; errors are sqlite3's."""

    def __init__(
        self,
        database: Database,
        path: Path,
        limits: Limits,
        clock: Callable[[], datetime] = wall.now,
        dating: Dating = DATED,
    ) -> None:
        self._clock = clock
        self._dating = dating
        self._minute = 0  # the last in which was folded
        self._database = database
        self._path = path
        self._limits = limits
        self._inode = _inode(path)
        self._complained = False

    def write(self, entries: Sequence[Entry]) -> int:
        """Write all in one transaction.

        Return how many the database would not take: those are left out, lest they hold up the rest.
        """
        try:
            self._commit(entries)
        except (sqlite3.Error, OverflowError) as error:
            if is_passing(error) or is_damage(error):
                raise
            return sum(not self._takes(entry) for entry in entries)
        return 0

    def close_left_open(self) -> None:
        """Close the sessions that a crash left open, at the time of their last reading."""
        database = self._database
        with database.atomic():
            dating.begin_dating(database, self._dating.boot)
        if not database.execute("SELECT 1 FROM sessions WHERE is_active LIMIT 1").fetchone():
            return
        with database.atomic():
            fold(database)
            database.execute(
                "UPDATE sessions SET is_active = 0, last_activity = max(last_activity, ifnull("
                "(SELECT last_at FROM totals WHERE start = 0 AND session = sessions.id), 0))"
                " WHERE is_active"
            )

    def settings(self) -> dict[str, str]:
        return readable_settings(self._database)

    def restore(self, settings: Mapping[str, str]) -> None:
        """Write the settings that the file has not."""
        missing = settings.items() - self.settings().items()
        if missing:
            self._commit([SettingSaved(key, value) for key, value in missing])

    def tidy(self, trusted_now: datetime | None) -> bool:
        """Delete what is too old (if the time is known) or too much; True if more is to be done."""
        old = trusted_now is not None and expire(self._database, self._limits, trusted_now)
        if trusted_now is not None:
            with self._database.atomic():
                tidy_ledger(self._database, to_ms(trusted_now))
        return trim(self._database, self._limits) or old

    def forget(self, chosen: Chosen) -> Forgotten:
        """Delete what is chosen for good. Raises Unavailable if traces are left in the log."""
        database = self._database
        database.execute("PRAGMA secure_delete = ON")
        try:
            with database.atomic():
                forgotten = forget(database, chosen)
                bar(database, chosen, to_ms(wall.now()))
            wipe(database, self._path)
        finally:
            database.execute("PRAGMA secure_delete = FAST")
        return forgotten

    def figures(self) -> Figures:
        last = folded_to(self._database)
        query = "SELECT count(*) FROM readings WHERE id > ?"
        unfolded = self._database.execute(query, [last]).fetchone()[0]
        first = self._database.execute("SELECT at FROM readings ORDER BY id LIMIT 1").fetchone()
        return Figures(
            sum(_size(self._path.with_name(self._path.name + end)) for end in ("", "-wal")),
            int(state(self._database, "kept")) + unfolded,
            from_ms(first[0]) if first else None,
            last_barred(self._database),
        )

    def moved(self) -> bool:
        """Return whether somebody has removed or replaced the file under its name."""
        return _inode(self._path) != self._inode

    def finish(self) -> None:
        """Fold what is left, before closing."""
        with self._database.atomic():
            fold(self._database)

    def close(self) -> None:
        self._database.close()

    def _commit(self, entries: Sequence[Entry]) -> None:
        """A setting is safe from a power cut once written; a reading is after half a minute."""
        durable = any(getattr(entry, "durable", False) for entry in entries)
        database = self._database
        database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        with database.atomic():
            for entry in not_barred(database, entries):
                entry.write(database)
            now_ms, is_set = to_ms(self._clock()), self._dating.is_set()
            if self._is_dated_now(is_set, now_ms) or self._worth_folding(entries, now_ms):
                self._minute = now_ms // MINUTE_MS
                fold(database)
                if is_set and is_sharing(database):
                    self._share(now_ms)

    def _is_dated_now(self, is_set: bool, now_ms: int) -> bool:
        """Date what waits for it, if the clock is right; return whether something was."""
        if not is_set or not dating.is_undated(self._database):
            return False
        fold(self._database)
        dating.date(self._database, now_ms - self._dating.ms())
        return True

    def _share(self, now_ms: int) -> None:
        """What is over can be sent; what has no room is folded."""
        if close_what_is_over(self._database, now_ms):
            make_room(self._database, self._limits.outbox_bytes, now_ms)
        tidy_ledger(self._database, now_ms)

    def _worth_folding(self, entries: Sequence[Entry], now_ms: int) -> bool:
        ended = any(isinstance(entry, SessionEnded) for entry in entries)
        if (ended or now_ms // MINUTE_MS != self._minute) and is_sharing(self._database):
            return True  # so that a minute is sent soon after it is over
        last = self._database.execute("SELECT max(id) FROM readings").fetchone()[0] or 0
        waiting = last - folded_to(self._database)
        return waiting >= FOLD_EVERY or (ended and waiting > 0)

    def _takes(self, entry: Entry) -> bool:
        try:
            self._commit([entry])
        except (sqlite3.Error, OverflowError) as error:
            if is_passing(error) or is_damage(error):
                raise
            level = logging.DEBUG if self._complained else logging.ERROR
            _log.log(level, "store: %s cannot be kept", type(entry).__name__, exc_info=True)
            self._complained = True
            return False
        return True


def readable_settings(database: Database) -> dict[str, str]:
    """Return the settings as JSON text, but for those that damage has made unreadable."""
    found: dict[str, str] = {}
    for row in database.execute("SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM settings"):
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            key, value = (column.decode() for column in row)
            msgspec.json.decode(value)
            found[key] = value
    return found


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(FileNotFoundError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return None


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
