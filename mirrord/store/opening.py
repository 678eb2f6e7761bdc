"""Opening the file: is it there, is it ours, is it whole, is it of an age that we know?"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlite_utils import Database

from mirrord.errors import ConfigError
from mirrord.store.failures import NO_ROOM, Damaged
from mirrord.store.limits import Limits
from mirrord.store.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of

# Small pages: a batch of five readings rewrites the page they go to, so a page should not be much
# larger than a batch. Measured in tests/bench/disk_writes.py.
PAGE_BYTES: Final = 1024
_BUSY_S: Final = 1.0  # beyond it, writing pauses and is tried again
_CHECK_S: Final = 2.0
_KEPT_DAMAGED: Final = 3


def open_database(path: Path, limits: Limits, *, check: bool) -> Database:
    """Open or make the file, ready for writing; with `check`, look it through for at most 2 s.

    Raises ConfigError if the path cannot be used or the file is not ours or too new (it is left as
    it was), Damaged if looking finds it broken, and sqlite3.Error or OSError for the rest.
    """
    _prepare(path)
    connection = sqlite3.connect(path, timeout=_BUSY_S)
    try:
        database = Database(connection, execute_plugins=False)
        _refuse_foreign(path, database)
        if check:
            _check(database)
        _configure(database, limits)
        migrate(database)
    except BaseException:
        connection.close()
        raise
    return database


def open_for_reading(path: Path, deadline_s: float) -> Database:
    """Open a connection that cannot write and whose queries end by themselves after a while."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=deadline_s)
    ends = time.monotonic() + deadline_s
    connection.set_progress_handler(lambda: time.monotonic() > ends, 10_000)
    return Database(connection, recursive_triggers=False, execute_plugins=False)


def set_aside(path: Path) -> Path:
    """Rename a damaged file, with its log, to a dated name; keep the newest three of such."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")[:-3] + "Z"
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("-shm", "-wal", ""):  # never a log without its file, if this is cut short
        if (part := path.with_name(path.name + suffix)).exists():
            part.rename(aside.with_name(aside.name + suffix))
    older = sorted(path.parent.glob(f"{path.name}.damaged-*Z"))[:-_KEPT_DAMAGED]
    for old in older:
        for suffix in ("", "-wal", "-shm"):
            old.with_name(old.name + suffix).unlink(missing_ok=True)
    return aside


def _prepare(path: Path) -> None:
    """Make the file, readable by its owner alone, or see that it can be written.

    A file that exists is not opened here: closing it would drop the locks that SQLite has on it.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:  # what should be a folder on the way is something else
        raise _cannot(path, f"cannot be made ({os.strerror(errno.ENOTDIR)})") from None
    except OSError as error:
        if error.errno in NO_ROOM or error.errno == errno.EIO:
            raise
        raise _cannot(path, f"cannot be made ({error.strerror})") from None
    if path.is_dir():
        raise _cannot(path, "is a directory")
    if not path.is_file():
        raise _cannot(path, "is no regular file")
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)):
        raise _cannot(path, "cannot be written")


def _cannot(path: Path, why: str) -> ConfigError:
    return ConfigError(f"[store] path: {path} {why}; name a file where the mirror may write")


def _refuse_foreign(path: Path, database: Database) -> None:
    owner = database.execute("PRAGMA application_id").fetchone()[0]
    version = version_of(database)
    if owner == APPLICATION_ID and version > len(MIGRATIONS):
        raise ConfigError(
            f"[store] path: {path} was written by a newer Mood Mirror (its schema is {version}, "
            f"this one knows {len(MIGRATIONS)}); install that one again or name another file"
        )
    if owner != APPLICATION_ID and (owner or version or database.table_names()):
        raise _cannot(path, "is a database of another program")


def _configure(database: Database, limits: Limits) -> None:
    """Set what a new file is made of, and how any is written."""
    made_of = (f"page_size = {PAGE_BYTES}", "auto_vacuum = INCREMENTAL")
    for pragma in (
        *(() if version_of(database) else made_of),
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"wal_autocheckpoint = {limits.wal_bytes // PAGE_BYTES}",
        f"journal_size_limit = {limits.wal_bytes}",
        "temp_store = MEMORY",  # what is folded passes through no file of its own
        "secure_delete = FAST",  # what is deleted is wiped where that costs no write of its own
    ):
        database.execute(f"PRAGMA {pragma}").fetchall()


def _check(database: Database) -> None:
    """Look the file through, as far as `_CHECK_S` reach. Raises Damaged."""
    ends = time.monotonic() + _CHECK_S
    database.conn.set_progress_handler(lambda: time.monotonic() > ends, 10_000)
    try:
        found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        found = "ok"
    finally:
        database.conn.set_progress_handler(None, 0)
        database.execute("PRAGMA shrink_memory")  # what goes bad later is met when it is read again
    if found != "ok":
        raise Damaged(str(found))
