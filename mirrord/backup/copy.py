"""A consistent copy of a database that is being written: SQLite's own backup."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from mirrord.errors import MirrorError, Unavailable

_BUSY_S: Final = 30.0


def copy_database(source: Path, target: Path) -> None:
    """Copy one state of `source`, with all that was committed before. Raises MirrorError."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        there = sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=_BUSY_S)
        here = sqlite3.connect(target)
        try:
            there.backup(here)  # in one step: one state, and writers are not held up in WAL mode
            here.execute("PRAGMA journal_mode = DELETE").fetchall()  # one file, without a log
        finally:
            here.close()
            there.close()
    except sqlite3.Error as error:
        raise Unavailable(f"{source} cannot be copied now ({error}); try again") from None
    trouble = damage(target)
    if trouble:
        raise MirrorError(f"{source} is damaged ({trouble}): a copy of it would be of no use")


def damage(path: Path) -> str:
    """Return what is wrong with a database that nobody uses, or nothing. Reads all of it."""
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        found: str = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        return "" if found == "ok" else found
    except sqlite3.Error as error:
        return str(error)
    finally:
        database.close()


def whose(path: Path) -> tuple[int, int]:
    """Return the application that a database is marked with, and the version of its schema."""
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        owner, version = (
            int(database.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("application_id", "user_version")
        )
        return owner, version
    finally:
        database.close()
