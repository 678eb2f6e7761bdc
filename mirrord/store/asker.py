"""The connection that questions are asked over: kept, as long as the file under its name is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from mirrord.store.opening import open_for_reading

T = TypeVar("T")


class Asker:
    """Used by one thread. Every question sees the file as it is when it is asked."""

    def __init__(self, path: Path, deadline_s: float) -> None:
        self._path = path
        self._deadline_s = deadline_s
        self._ends = 0.0
        self._database: Database | None = None
        self._inode: tuple[int, int] | None = None

    def ask(self, question: Callable[[Database], T]) -> T:
        """Return the answer. Raises sqlite3.Error, also if it takes longer than the deadline."""
        database = self._connected()
        self._ends = time.monotonic() + self._deadline_s
        try:
            database.begin()
            answer = question(database)
            database.rollback()
        except BaseException:
            self.close()
            raise
        return answer

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _connected(self) -> Database:
        """A file that was set aside, replaced or deleted is not asked any more."""
        inode = self._found()
        if self._database is None or inode != self._inode:
            self.close()
            database = open_for_reading(self._path, self._deadline_s)
            database.conn.set_progress_handler(lambda: time.monotonic() > self._ends, 10_000)
            self._database, self._inode = database, inode
        return self._database

    def _found(self) -> tuple[int, int] | None:
        with suppress(OSError):
            found = os.stat(self._path)
            return found.st_dev, found.st_ino
        return None
