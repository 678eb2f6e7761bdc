"""Forgetting in a file that a running mirror, or nobody, has open."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlite_utils import Database

from mirrord.errors import Unavailable
from mirrord.store import queries
from mirrord.store.book import Book
from mirrord.store.exporting import pages, span_of
from mirrord.store.failures import explain, is_passing
from mirrord.store.forget import Forgotten, forgettable
from mirrord.store.limits import Limits
from mirrord.store.opening import open_database, open_for_reading
from mirrord.store.queries import Chosen

_READ_S: Final = 30.0
_PAUSE_S: Final = 0.2


class Going(msgspec.Struct, frozen=True):
    """What would go: how many, from when to when (UTC), and damaged older files of the store."""

    readings: int
    responses: int
    sessions: int
    oldest: datetime | None
    newest: datetime | None
    damaged_files: int


def going(path: Path, chosen: Chosen) -> Going:
    """Return what `forget_in` would delete, as far as it is written. Blocking.

    Raises ConfigError if there is no such file or session, and Unavailable if it does not answer.
    """
    oldest = _oldest(path, chosen)
    try:
        database = open_for_reading(path, _READ_S)
        try:
            counts = forgettable(database, chosen)
            newest = queries.readings(database, chosen, 1)
        finally:
            database.close()
    except sqlite3.Error as error:
        raise Unavailable(explain(path, error)) from None
    return Going(
        counts.readings,
        counts.responses,
        counts.sessions,
        oldest,
        newest[0].timestamp if newest else None,
        len(list(path.parent.glob(f"{path.name}.damaged-*Z"))),
    )


def forget_in(path: Path, limits: Limits, chosen: Chosen, patience_s: float = 60.0) -> Forgotten:
    """Delete what is chosen for good, also what a running mirror still holds in memory. Blocking.

    Raises ConfigError if the file cannot be used, and Unavailable if it is held for longer than
    `patience_s` or traces are left. (A mirror's writing takes moments, its deleting longer.)
    """
    ends = time.monotonic() + patience_s
    while True:
        try:
            return _forget(path, limits, chosen)
        except (sqlite3.Error, OSError) as error:
            if not is_passing(error) or _is_full(error) or time.monotonic() > ends:
                raise Unavailable(explain(path, error)) from None
        time.sleep(_PAUSE_S)


def _forget(path: Path, limits: Limits, chosen: Chosen) -> Forgotten:
    database: Database = open_database(path, limits, check=False)
    try:
        return Book(database, path, limits).forget(chosen)
    finally:
        database.close()


def _oldest(path: Path, chosen: Chosen) -> datetime | None:
    found = pages(path, chosen, span_of(path, chosen), ["timestamp"])
    first = next((rows[0][0] for _, rows in found if rows), None)
    return None if first is None else datetime.fromisoformat(first)


def _is_full(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
