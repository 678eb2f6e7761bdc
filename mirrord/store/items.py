"""What is kept of a session as the items that travel to the collective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils import Database

from mirrord.analytics.aggregate import MEASURES, WORDS
from mirrord.model import MOODS
from mirrord.store.courses import course_of
from mirrord.store.tally import MOMENT, folded_to
from mirrord.sync_wire import Extreme, SessionEnd, Tally

_LATER: Final = MOMENT - 1
_NOT_SENT: Final = "web"  # what a device type becomes that the wire does not take


def tally_of_row(database: Database, session: int, start: int) -> Tally | None:
    """Return a minute of a shared session; None if it is not kept any more."""
    rows = database.query(
        "SELECT m.*, s.name AS its_name FROM minutes m JOIN shared s USING (session)"
        " WHERE m.start = ? AND m.session = ?",
        [start, session],
    )
    row = next(iter(list(rows)), None)
    return None if row is None else _tally(row)


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(
        session=row["its_name"],
        start=row["start"],
        readings=row["total"],
        answered=row["answered"],
        dominant=tuple(row[f"dominant_{mood}"] for mood in MOODS),
        expressions=tuple(row[f"saw_{word}"] for word in WORDS),
        sums=tuple(row[f"{name}_sum"] for name in MEASURES),
        squares=tuple(row[f"{name}_squares"] for name in MEASURES),
        lows=tuple(_low(row[f"{name}_low"]) for name in MEASURES),
        highs=tuple(_high(row[f"{name}_high"]) for name in MEASURES),
    )


def _low(packed: int) -> Extreme:
    value, at = divmod(packed, MOMENT)
    return value, at


def _high(packed: int) -> Extreme:
    value, after = divmod(packed, MOMENT)
    return value, _LATER - after


_SESSION: Final = (
    "SELECT c.name, s.started, max(s.last_activity, s.started, ifnull(t.last_at, 0)),"
    " ifnull(t.total, 0), s.device_type"
    " FROM sessions s JOIN shared c ON c.session = s.id"
    " LEFT JOIN totals t ON t.start = 0 AND t.session = s.id WHERE s.id = ?"
)


def session_end(database: Database, session: int) -> SessionEnd | None:
    """Return how a shared session went, all of it being folded; None if it is not known."""
    row = database.execute(_SESSION, [session]).fetchone()
    if row is None:
        return None
    name, started, ended, readings, device = row
    plain = {"session": name, "started": started, "ended": ended, "readings": readings}
    plain["device_type"] = device if 1 <= len(device) <= 50 and _is_line(device) else _NOT_SENT
    course = course_of(database, session, folded_to(database))
    if course is None:
        return SessionEnd(**plain)
    steps = sorted((*step, count) for step, count in course.transitions.items())
    return SessionEnd(
        **plain,
        first=course.first[1:],
        last=course.last[1:],
        mood_ms=course.mood_ms,
        transitions=tuple(steps),
        calm=(course.calm.start, course.calm.end) if course.calm else None,
    )


def _is_line(text: str) -> bool:
    return text.isprintable() and "/" not in text


def added(one: Tally, other: Tally) -> Tally:
    """Return what two stretches of one session add up to, in the first one's place."""
    return Tally(
        session=one.session,
        start=one.start,
        width=one.width,
        readings=one.readings + other.readings,
        answered=one.answered + other.answered,
        dominant=_summed(one.dominant, other.dominant),
        expressions=_summed(one.expressions, other.expressions),
        sums=_summed(one.sums, other.sums),
        squares=_summed(one.squares, other.squares),
        lows=tuple(map(min, one.lows, other.lows)),
        highs=tuple(map(_higher, one.highs, other.highs)),
        is_historical=one.is_historical,
    )


def _summed(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _higher(one: Extreme, other: Extreme) -> Extreme:
    """Return the higher of two, the earlier of equals."""
    return max(one, other, key=lambda extreme: (extreme[0], -extreme[1]))
