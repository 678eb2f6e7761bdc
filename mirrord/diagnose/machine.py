"""What the bundle says of the machine and of the mirror's files."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import mirrord
from mirrord.store.opening import open_for_reading

_LOOK_S = 20.0
_MODEL = Path("/proc/device-tree/model")


def versions() -> dict[str, Any]:
    """Return what runs here."""
    return {
        "mirrord": mirrord.__version__,
        "python": sys.version,
        "system": platform.platform(),
        "machine": platform.machine(),
        "model": _read(_MODEL).strip("\0 \n"),
        "release": _read(Path("/etc/os-release")).splitlines(),
        "cores": os.cpu_count(),
        "packages": dict(sorted(_packages())),
    }


def _packages() -> Iterator[tuple[str, str]]:
    """Yield what is installed beside the mirror; drivers of others are among it."""
    for one in metadata.distributions():
        with contextlib.suppress(KeyError):
            yield one.metadata["Name"], one.version


def files(database: Path) -> dict[str, Any]:
    """Return the names, sizes and modes of the mirror's own files, and the room that is left."""
    found = []
    for path in sorted(database.parent.glob(f"{database.stem}*")):
        status = path.stat()
        found.append({"name": path.name, "bytes": status.st_size, "mode": oct(status.st_mode)})
    usage = shutil.disk_usage(database.parent) if database.parent.is_dir() else None
    return {"files": found, "free_bytes": usage.free if usage else None}


def database(path: Path) -> dict[str, Any]:
    """Return the schema and how many rows each table has: nothing of what stands in them."""
    if not path.exists():
        return {"problem": "there is none"}
    try:
        opened = open_for_reading(path, _LOOK_S)
        try:
            tables = [name for name in opened.table_names() if not name.startswith("sqlite_")]
            return {
                "schema": opened.execute("PRAGMA user_version").fetchone()[0],
                "sqlite": sqlite3.sqlite_version,
                "statements": [row[0] for row in opened.execute(_STATEMENTS)],
                "rows": {name: opened[name].count for name in tables},
                "check": opened.execute("PRAGMA quick_check(1)").fetchone()[0],
            }
        finally:
            opened.close()
    except sqlite3.Error as error:
        return {"problem": str(error)}


_STATEMENTS = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
