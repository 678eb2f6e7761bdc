"""What is deleted, and when: by age first, then by size, the oldest first, in small steps.

Readings are kept for `keep_days`, minutes four times, and quarters, halves, hours
and sessions twenty times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlite_utils import Database

from mirrord.store.codec import to_ms
from mirrord.store.limits import Limits
from mirrord.store.tally import KEPT

_STEP_ROWS: Final = 500
_STEPS: Final = 20  # a call deletes 10,000 rows at most, so that writing is never held up for long
_FULL: Final = 0.98  # of the size allowed: above it deleting begins, and goes on until ...
_ENOUGH: Final = 0.95
_PAGES_BACK: Final = 2000


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table: the column that ages, its term in `keep_days`, and its share of the size allowed."""

    name: str
    time: str
    term: float
    share: float
    row_bytes: int
    guard: str = "true"


# Readings are found through their minutes and sessions, which are kept while a reading of them is.
_EMPTY: Final = "last_id < ifnull((SELECT min(id) FROM readings), last_id + 1)"
_FOLDED: Final = "id <= (SELECT value FROM state WHERE key = 'folded_to')"
_CLOSED: Final = (
    "is_active = 0 AND NOT EXISTS"
    f" (SELECT 1 FROM totals WHERE start = 0 AND session = sessions.id AND NOT {_EMPTY})"
)
_READINGS: Final = _Kept("readings", "at", 1, 1.0, 150, _FOLDED)
_TABLES: Final = (
    _READINGS,
    _Kept("minutes", "start", 4, 1 / 4, 300, _EMPTY),
    _Kept("quarters", "start", 20, 1 / 8, 300, _EMPTY),
    _Kept("halves", "start", 20, 1 / 8, 300, _EMPTY),
    _Kept("hours", "start", 20, 1 / 8, 300, _EMPTY),
    _Kept("sessions", "last_activity", 20, 1 / 8, 1000, _CLOSED),
    _Kept("camera_log", "at", 4, 1 / 16, 40),
    _Kept("corrections", "at", 1, 1 / 16, 60),
    _Kept("mode_log", "at", 4, 1 / 16, 40),
)


def expire(database: Database, limits: Limits, now: datetime) -> bool:
    """Delete what has become too old. Return whether there is more to delete."""
    finished = True
    for table in _TABLES:
        age = timedelta(days=min(limits.keep_days * table.term, 1e5))
        cutoff = to_ms(now - age)
        for _ in range(_STEPS):
            rows = list(_expired(database, table, cutoff, to_ms(now)))
            _delete(database, table, rows)
            if len(rows) < _STEP_ROWS:
                break
        else:
            finished = False
    return not finished


def trim(database: Database, limits: Limits) -> bool:
    """Delete the oldest until the file is small enough. Return whether there is more to delete."""
    if _used(database) <= limits.file_bytes * _FULL:
        return _give_back(database, limits)
    for _ in range(_STEPS):
        if _used(database) <= limits.file_bytes * _ENOUGH:
            break
        if not any(_delete_oldest(database, table) for table in _victims(database, limits)):
            return False  # nothing is left but settings
    _give_back(database, limits)
    return True


def _expired(database: Database, table: _Kept, cutoff: int, now: int) -> Iterator[int]:
    """Yield rows older than `cutoff`, in order of arrival, up to the first that is young.

    Rows dated later than now come from a clock that was wrong: they are passed over.
    """
    found = 0
    for row, at in database.execute(
        f"SELECT rowid, {table.time} FROM {table.name} WHERE {table.guard} ORDER BY rowid"
    ):
        if cutoff <= at <= now or found == _STEP_ROWS:
            return
        if at < cutoff:
            found += 1
            yield row


def _victims(database: Database, limits: Limits) -> Iterator[_Kept]:
    """Yield the tables to delete from: those that outgrow their share, then all, readings first."""
    for table in _TABLES[1:]:
        if _count(database, table) * table.row_bytes > table.share * limits.file_bytes:
            yield table
    yield from _TABLES


def _count(database: Database, table: _Kept) -> int:
    """Return how many rows there are, judged by the first and the last, without a scan."""
    first, last = (
        database.execute(f"SELECT {end}(rowid) FROM {table.name}").fetchone()[0] or 0
        for end in ("min", "max")
    )
    return int(last - first)


def _delete_oldest(database: Database, table: _Kept) -> int:
    rows = database.execute(
        f"SELECT rowid FROM {table.name} WHERE {table.guard} ORDER BY rowid LIMIT {_STEP_ROWS}"
    ).fetchall()
    return _delete(database, table, [row for (row,) in rows])


def _delete(database: Database, table: _Kept, rows: list[int]) -> int:
    if not rows:
        return 0
    with database.atomic():
        if table is _READINGS:
            _uncount(database, rows)
        database.conn.executemany(
            f"DELETE FROM {table.name} WHERE rowid = ?", [(row,) for row in rows]
        )
    return len(rows)


def _uncount(database: Database, rows: list[int]) -> None:
    """Take folded readings that are about to be deleted out of what `state` counts."""
    places = ", ".join(map(str, rows))
    for key, counted in KEPT.items():
        database.execute(
            f"UPDATE state SET value = value - (SELECT {counted} FROM readings"
            f" WHERE id IN ({places})) WHERE key = ?",
            [key],
        )
    database.execute("UPDATE state SET value = max(value, ?) WHERE key = 'gone_to'", [max(rows)])


def _give_back(database: Database, limits: Limits) -> bool:
    """Return free pages to the disk if the file is too large or much of it is empty."""
    pages, free, size = (_pragma(database, name) for name in _SIZES)
    if not free or (pages * size <= limits.file_bytes and free <= max(pages // 4, 256)):
        return False
    # The statement frees a page a step, and `execute` would take but one.
    database.executescript(f"PRAGMA incremental_vacuum({_PAGES_BACK})")
    return bool(free > _PAGES_BACK)


_SIZES: Final = ("page_count", "freelist_count", "page_size")


def _used(database: Database) -> int:
    pages, free, size = (_pragma(database, name) for name in _SIZES)
    return int((pages - free) * size)


def _pragma(database: Database, name: str) -> Any:
    return database.execute(f"PRAGMA {name}").fetchone()[0]
