"""The writing thread's side of the store: one database at a time, whatever happens to its file."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from mirrord.errors import ConfigError, Unavailable
from mirrord.store.book import Book, Figures, readable_settings
from mirrord.store.dating import DATED, Dating
from mirrord.store.entries import Entry, SettingSaved
from mirrord.store.failures import Damaged, explain, is_damage, is_passing
from mirrord.store.forget import Forgotten
from mirrord.store.leftovers import keep_within
from mirrord.store.limits import Limits, SteadyClock
from mirrord.store.opening import open_database, open_for_reading, set_aside
from mirrord.store.queries import Chosen

_log = logging.getLogger(__name__)
_TIDY_S: Final = 60.0
_SALVAGE_S: Final = 2.0
_ERRORS: Final = (sqlite3.Error, OSError, UnicodeDecodeError, Damaged)


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a batch."""

    figures: Figures
    lost: int = 0  # entries that no database would take
    behind: bool = False  # more waits to be deleted
    recovered: str = ""  # why the file was begun anew, if ever it was


class Keeper:
    """Keeps a book open: opens it again after trouble, begins a new one after damage.

    Blocking; used by one thread. What may pass is raised as Unavailable, with the book closed.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        dating: Dating = DATED,
    ) -> None:
        self._path = path
        self._wall = clock
        self._dating = dating
        self._limits = self._next_limits = limits
        self._clock = SteadyClock(clock, monotonic)
        self._monotonic = monotonic
        self._book: Book | None = None
        self._settings: dict[str, str] = {}
        self._met = False  # this keeper has had the file open before
        self._recovered = ""
        self._figures = Figures()
        self._tidied_s = monotonic()
        self._behind = False

    def open(self) -> Written:
        """Open the file. Raises ConfigError or Unavailable."""
        with self._trouble():
            self._ready()
        return self._settled(0)

    def settings(self) -> Mapping[str, str]:
        """Return every setting as JSON text, even of a file that cannot be written now."""
        return dict(self._settings or _salvage(self._path))

    def write(self, entries: Sequence[Entry]) -> Written:
        """Write a batch in one transaction. Raises Unavailable: then nothing of it is written."""
        with self._trouble():
            lost = self._write(entries)
        for entry in entries:
            if isinstance(entry, SettingSaved):
                self._settings[entry.key] = entry.value
        return self._settled(lost)

    def change(self, limits: Limits) -> None:
        """Take other limits over with the next batch; may be called from another thread."""
        self._next_limits = limits

    def forget(self, chosen: Chosen) -> Forgotten:
        """Delete what is chosen for good. Raises Unavailable."""
        with self._trouble():
            return self._ready().forget(chosen)

    def close(self) -> None:
        """Fold, work the log into the file, close. A file that was not closed is whole, too."""
        if self._book is not None:
            with suppress(sqlite3.Error):
                self._book.finish()
        self._drop()

    def _write(self, entries: Sequence[Entry]) -> int:
        if self._limits is not self._next_limits:
            self._limits = self._next_limits
            self._drop()  # opened again with them
        if self._book is not None and self._book.moved():
            self._drop()
            self._note(f"{self._path} was removed while in use; a new one is begun")
        try:
            return self._ready().write(entries)
        except _ERRORS as error:
            if not is_damage(error):
                raise
            self._drop()
            self._begin_anew(str(error))
            return self._ready().write(entries)

    def _settled(self, lost: int) -> Written:
        """Tidy and count. The batch is safe by now: what fails here is tried again another time."""
        try:
            book = self._ready()
            self._behind = book.tidy(self._now_to_expire())
            self._figures = book.figures()
            self._make_room()
        except _ERRORS as error:
            _log.warning("store: tidying was put off: %s", explain(self._path, error))
            self._drop()
        return Written(self._figures, lost, self._behind, self._recovered)

    def _make_room(self) -> None:
        """Let copies that were set aside give way: all together stay within the limit."""
        left = int(self._limits.max_mb * 1e6) - self._figures.bytes
        if gone := keep_within(self._path, left):
            _log.warning("store: %d old copies gave way to what is recorded now", gone)

    def _now_to_expire(self) -> datetime | None:
        now_s = self._monotonic()
        if now_s - self._tidied_s < _TIDY_S and not self._behind:
            return None
        self._tidied_s = now_s
        return self._clock.trusted()

    def _ready(self) -> Book:
        if self._book is not None:
            return self._book
        try:
            return self._open()
        except _ERRORS as error:
            self._drop()
            if is_passing(error):
                raise
            self._begin_anew(str(error))
            return self._open()

    def _open(self) -> Book:
        """Open the file and see that it can be read and written, and holds the settings."""
        database = open_database(self._path, self._limits, check=not self._met)
        self._book = book = Book(database, self._path, self._limits, self._wall, self._dating)
        if not self._met:
            book.close_left_open()
            self._settings = {**book.settings(), **self._settings}
        book.restore(self._settings)
        self._figures = book.figures()
        self._met = True
        return book

    def _begin_anew(self, why: str) -> None:
        self._settings = self._settings or _salvage(self._path)
        aside = set_aside(self._path)
        self._note(f"{self._path} was damaged ({why}): set aside as {aside.name}, begun anew")

    def _note(self, recovered: str) -> None:
        self._recovered = recovered
        _log.warning("store: %s", recovered)

    def _drop(self) -> None:
        """Close the connection, which may be of no use any more."""
        book, self._book = self._book, None
        if book is not None:
            with suppress(sqlite3.Error):
                book.close()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Turn what may pass into Unavailable, and a bad path too once the file has been met."""
        try:
            yield
        except _ERRORS as error:
            self._drop()
            raise Unavailable(explain(self._path, error)) from None
        except ConfigError as error:
            self._drop()
            if not self._met:
                raise
            raise Unavailable(str(error)) from None


def _salvage(path: Path) -> dict[str, str]:
    """Return what settings can still be read: that the camera is off must survive damage."""
    with suppress(sqlite3.Error, UnicodeDecodeError):
        database = open_for_reading(path, _SALVAGE_S)
        try:
            return readable_settings(database)
        finally:
            database.close()
    return {}
