"""Weeks without a connection: what waits is folded into hours, then days, so that it has room.

Only what has never been sent is folded: of what was sent and not answered nobody knows whether it
arrived, and within a larger stretch it would count twice. What still has no room is left out, and
that is counted and shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from mirrord.store.items import added
from mirrord.store.shared import add_item, set_item
from mirrord.sync_wire import WIDTH_MS, Tally, Width

_log = logging.getLogger(__name__)
_ENOUGH: Final = 0.9  # of the room: once over it, so far is folded at a time
_STEP: Final = 50  # stretches made at a time
_FEW: Final = 5  # given up at a time
_KEY: Final = "left_out"


class LeftOut(msgspec.Struct, frozen=True):
    """What will not be sent for want of room, from when to when (ms since 1970)."""

    items: int = 0
    readings: int = 0
    since: int = 0
    until: int = 0


def waiting_bytes(database: Database) -> int:
    """Return how much waits, without what is laid over it."""
    return int(database.execute("SELECT ifnull(sum(bytes), 0) FROM outbox").fetchone()[0])


def make_room(database: Database, most_bytes: int, now_ms: int) -> None:
    """Fold, the oldest first, until what waits has room. Call it within a transaction."""
    if waiting_bytes(database) <= most_bytes:
        return
    steps: tuple[Callable[[], bool], ...] = (
        lambda: _fold(database, "minute", "hour", now_ms),
        lambda: _fold(database, "hour", "day", now_ms),
        lambda: _leave_out(database),
    )
    for step in steps:
        while waiting_bytes(database) > most_bytes * _ENOUGH:
            if not step():
                break


_GROUPS: Final = """
SELECT session, start / :coarse * :coarse AS begin FROM outbox o
WHERE kind = 'tally' AND width = :finer AND state = 'ready'
  AND NOT EXISTS (SELECT 1 FROM outbox c WHERE c.session = o.session AND c.kind = 'tally'
    AND c.width = :coarser AND c.start = o.start / :coarse * :coarse
    AND c.state <> 'ready')
GROUP BY session, begin HAVING count(*) > 1 AND begin + :coarse <= :now
ORDER BY begin LIMIT :most
"""


def _fold(database: Database, finer: Width, coarser: Width, now_ms: int) -> bool:
    """Fold the oldest stretches that are over; return whether there were any."""
    coarse = WIDTH_MS[coarser]
    values = {"finer": finer, "coarser": coarser, "coarse": coarse, "now": now_ms, "most": _STEP}
    groups = database.execute(_GROUPS, values).fetchall()
    for session, begin in groups:
        _fold_one(database, session, begin, finer, coarser)
    return bool(groups)


def _fold_one(database: Database, session: int, begin: int, finer: Width, coarser: Width) -> None:
    where = (
        "session = ? AND kind = 'tally' AND state = 'ready'"
        " AND (width = ? AND start >= ? AND start < ? OR width = ? AND start = ?)"
    )
    values = [session, finer, begin, begin + WIDTH_MS[coarser], coarser, begin]
    rows = database.execute(f"SELECT item, at, width, id FROM outbox WHERE {where}", values)
    found: list[tuple[Any, ...]] = rows.fetchall()
    whole = reduce(added, (msgspec.json.decode(row[0], type=Tally) for row in found))
    whole = msgspec.structs.replace(whole, start=begin, width=coarser)
    there = next((row[3] for row in found if row[2] == coarser), None)
    database.execute(f"DELETE FROM outbox WHERE {where} AND id IS NOT ?", [*values, there])
    if there is None:
        add_item(database, whole, session, max(row[1] for row in found))
    else:
        set_item(database, there, whole)


def _leave_out(database: Database) -> bool:
    """Give up the oldest of what was never sent, and count it; return whether there was any."""
    rows = database.execute(
        "SELECT id, at, item, kind FROM outbox WHERE state IN ('ready', 'later', 'aside')"
        f" AND kind <> 'erase' ORDER BY at LIMIT {_FEW}"
    ).fetchall()
    if not rows:
        return False
    readings = sum(
        msgspec.json.decode(item, type=Tally).readings
        for _, _, item, kind in rows
        if kind == "tally"
    )
    _count(database, LeftOut(len(rows), readings, rows[0][1], rows[-1][1]))
    _log.warning("sync: %d readings will not be sent: the outbox is full", readings)
    numbers = ", ".join(str(row[0]) for row in rows)
    database.execute(f"DELETE FROM outbox WHERE id IN ({numbers})")
    return True


def give_up(database: Database, session: int) -> None:
    """Count a shared session, of which nothing has been sent, as left out."""
    row = database.execute(
        "SELECT t.total, t.first_at, t.last_at FROM totals t JOIN shared s USING (session)"
        " WHERE t.start = 0 AND t.session = ?",
        [session],
    ).fetchone()
    if row is not None:
        _log.warning("sync: %d readings will not be sent: their time is not known", row[0])
        _count(database, LeftOut(1, *row))


def _count(database: Database, more: LeftOut) -> None:
    before = left_out(database)
    now = LeftOut(
        before.items + more.items,
        before.readings + more.readings,
        min(before.since or more.since, more.since),
        max(before.until, more.until),
    )
    text = msgspec.json.encode(now).decode()
    database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [_KEY, text])


def left_out(database: Database) -> LeftOut:
    """Return what has been left out since the link."""
    row = database.execute("SELECT value FROM state WHERE key = ?", [_KEY]).fetchone()
    return LeftOut() if row is None else msgspec.json.decode(row[0], type=LeftOut)
