"""The log of the camera: when it was on and off; and how long the lists beside the readings are."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from sqlite_utils import Database

from mirrord.store.windows import Stretch, Window

_LISTS: Final = ("sessions", "corrections", "camera_log")
_LAST_ID: Final = 1 << 62
_TIME: Final = "strftime('%Y-%m-%dT%H:%M:%fZ', {} / 1000.0, 'unixepoch')"
_NEXT: Final = (
    "(SELECT later.at FROM camera_log AS later WHERE later.id > log.id ORDER BY id LIMIT 1)"
)


class CameraChange(msgspec.Struct, frozen=True):
    """The camera was in a state from a time until the next change, None if it still is (UTC)."""

    state: str
    since: datetime
    until: datetime | None


def camera_changes(database: Database, window: Window) -> Stretch:
    """Return a stretch of the log, the newest first. Its cost grows with the stretch alone."""
    newer = window.after is not None
    rows = list(
        database.query(
            f"SELECT id, state, {_TIME.format('at')} AS since, {_TIME.format(_NEXT)} AS until"
            " FROM camera_log AS log WHERE id > ? AND id < ?"
            f" ORDER BY id {'ASC' if newer else 'DESC'} LIMIT ? OFFSET ?",
            [window.after or 0, window.before or _LAST_ID, window.size, window.skip],
        )
    )
    if newer:
        rows.reverse()
    numbers = [row.pop("id") for row in rows]
    records = [msgspec.convert(row, CameraChange, strict=False) for row in rows]
    return Stretch(lengths(database)["camera_log"], records, numbers)


def lengths(database: Database) -> dict[str, int]:
    """Return how many sessions, corrections and changes of the camera are kept."""
    return {
        table: int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        for table in _LISTS
    }
