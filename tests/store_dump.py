"""Everything a file knows besides its readings, as kept, and as folding the readings anew gives."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from mirrord.store.fold import fold
from mirrord.store.tally import SPANS

FOLDED = (*SPANS, "faces", "courses", "transitions")
_STATE = "SELECT key, value FROM state WHERE key IN ('kept', 'kept_answered') ORDER BY key"


def as_kept(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    database = _copy(path)
    fold(database)
    return _dump(database)


def folded_anew(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    database = _copy(path)
    for table in FOLDED:
        database.execute(f"DELETE FROM {table}")
    database.execute(
        "UPDATE state SET value = 0 WHERE key IN ('folded_to', 'kept', 'kept_answered')"
    )
    fold(database)
    return _dump(database)


def _copy(path: Path) -> Database:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    original = sqlite3.connect(path)
    original.backup(copy)
    original.close()
    return Database(copy)


def _dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for table in FOLDED:
        columns = sorted(database.table(table).columns_dict)
        rows = database.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        found[table] = sorted(rows, key=str)
    found["state"] = database.execute(_STATE).fetchall()
    database.close()
    return found
