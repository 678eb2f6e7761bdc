"""The accounts' own file: made for its owner alone, and never begun anew by itself."""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from mirrord.errors import MirrorError, Unavailable
from mirrord.runtime.files import belong_to_folder

_log = logging.getLogger(__name__)

APPLICATION_ID: Final = 0x4D4D6163  # "MMac"
_BUSY_S: Final = 3.0

_TABLES: Final = (
    """CREATE TABLE users (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      username TEXT NOT NULL,
      folded TEXT NOT NULL UNIQUE,   -- the name without regard to capitals
      email TEXT NOT NULL,
      first_name TEXT NOT NULL,
      last_name TEXT NOT NULL,
      role TEXT NOT NULL CHECK (role IN ('owner', 'guest')),
      password TEXT NOT NULL,        -- Argon2id, as a PHC string
      joined REAL NOT NULL           -- seconds since 1970, as all times
    ) STRICT""",
    """CREATE TABLE keys (
      id TEXT PRIMARY KEY,
      user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('cookie', 'login', 'api')),
      digest BLOB NOT NULL UNIQUE,   -- SHA-256 of the key
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      created REAL NOT NULL,
      seen REAL NOT NULL,
      expires REAL NOT NULL,
      idle_s REAL NOT NULL,
      address TEXT NOT NULL,
      agent TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX keys_of_user ON keys (user)",
    """CREATE TABLE code (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      digest BLOB NOT NULL,
      expires REAL NOT NULL,         -- on the clock that counts since the machine was started
      wrong INTEGER NOT NULL
    ) STRICT""",
    "CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)


def open_accounts(path: Path) -> Database:
    """Open or make the file. Raises MirrorError if it cannot be used.

    A damaged file stays as it is: a mirror that began without accounts again would be anybody's.
    """
    with trouble(path):
        _prepare(path)
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        try:
            database = Database(connection, execute_plugins=False)
            _begin(path, database)
        except BaseException:
            connection.close()
            raise
        return database


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Turn what SQLite or the disk says into one sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _primary(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise MirrorError(
                f"{path} is damaged: put a copy of it back, or remove it to begin without accounts"
            ) from None
        raise Unavailable(f"{path} cannot be used now ({error}); try again") from None
    except OSError as error:
        raise MirrorError(f"{path} cannot be used: {error.strerror}") from None


@contextmanager
def writing(database: Database) -> Iterator[None]:
    """Hold a transaction that nobody else writes beside; begun later, it could be refused."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        database.rollback()
        raise


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _prepare(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        belong_to_folder(path)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            _log.warning("%s could be read by others; it is closed to them now", path)
            path.chmod(0o600)


def _begin(path: Path, database: Database) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # what somebody revoked stays revoked, power cut or not
        "foreign_keys = ON",
        "secure_delete = ON",
        "trusted_schema = OFF",
    ):
        database.execute(f"PRAGMA {pragma}").fetchall()
    with writing(database):
        _make(path, database)


def _make(path: Path, database: Database) -> None:
    owner = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if owner == APPLICATION_ID and version == 1:
        return
    if owner or version or database.table_names():
        known = "a newer Mood Mirror's" if owner == APPLICATION_ID else "another program's"
        raise MirrorError(f"{path} is {known}: move it away, or name another [store] path")
    for statement in _TABLES:
        database.execute(statement)
    database.execute("INSERT INTO facts VALUES ('cookie', ?)", [f"mirror_{secrets.token_hex(4)}"])
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute("PRAGMA user_version = 1")
