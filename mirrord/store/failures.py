"""What went wrong with the file: passing, damaged, or our own mistake; and a sentence about it."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Final

from mirrord.errors import MirrorError


class Damaged(MirrorError):
    """The file cannot be read as a database any more."""


_PASSING: Final = {
    sqlite3.SQLITE_FULL: "the disk that holds {path} is full",
    sqlite3.SQLITE_READONLY: "{path} has become read-only",
    sqlite3.SQLITE_IOERR: "the disk that holds {path} reports an error",
    sqlite3.SQLITE_BUSY: "{path} is held by another program",
    sqlite3.SQLITE_LOCKED: "{path} is held by another program",
    sqlite3.SQLITE_PROTOCOL: "{path} is held by another program",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened",
    sqlite3.SQLITE_PERM: "{path} may not be opened",
    sqlite3.SQLITE_AUTH: "{path} may not be opened",
    sqlite3.SQLITE_INTERRUPT: "{path} took too long to answer",
    sqlite3.SQLITE_NOMEM: "there is no memory left to write {path} with",
}
NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def is_damage(error: Exception) -> bool:
    """Return whether the file itself is broken; sqlite3 cannot even say so if a name in it is."""
    broken = _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return broken or isinstance(error, Damaged | UnicodeDecodeError)


def is_passing(error: Exception) -> bool:
    """Return whether trying again later may help."""
    return isinstance(error, OSError) or _code(error) in _PASSING


def explain(path: Path, error: Exception) -> str:
    """Return what is wrong, as the beginning of a sentence."""
    if isinstance(error, OSError):
        if error.errno in NO_ROOM:
            return f"the disk that holds {path} is full"
        return f"{path} cannot be written ({error.strerror})"
    said = _PASSING.get(_code(error))
    if said is None:
        return f"{path} cannot be used ({error})"
    name = getattr(error, "sqlite_errorname", "")
    detail = f" ({name})" if name.startswith("SQLITE_IOERR") else ""
    return said.format(path=path) + detail


def _code(error: Exception) -> int:
    """Return the primary result code; the bits above the first eight say more than is needed."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
