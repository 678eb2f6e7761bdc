"""What analytics is made of, read from the rollups: buckets of time, whole sessions, totals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics import Bucket, Whole
from mirrord.api.records import Chosen, Totals, Width
from mirrord.collective.courses import course_of
from mirrord.collective.numbers import now_ms
from mirrord.collective.records.naming import session_row
from mirrord.collective.schema import BUCKET, TALLY, counters, hours, quarters, sessions, tallies
from mirrord.collective.tally import (
    HOUR_MS,
    MINUTE_MS,
    QUARTER_MS,
    aggregate_of,
    bucket_of,
    ms_of,
    time_of,
)

_WIDTH_MS: Final[Mapping[Width, int]] = {
    "minute": MINUTE_MS,
    "quarter": QUARTER_MS,
    "half": 2 * QUARTER_MS,
    "hour": HOUR_MS,
}
# Of half an hour there are none: its two quarters say as much.
_ROLLUPS: Final = {"quarter": quarters, "half": quarters, "hour": hours}


async def buckets(of: AsyncConnection, account: int, width: Width, chosen: Chosen) -> list[Bucket]:
    """Return the buckets that begin within the span, the oldest first."""
    session: int | None = None
    if chosen.session_id is not None:
        row = await session_row(of, account, chosen.session_id, sessions.c.session)
        if row is None:
            return []
        session = row.session
    table = tallies if session is not None else _ROLLUPS.get(width, tallies)
    query: Any = _summed(width) if table is tallies else select(table.c.start, *_columns(table))
    query = query.where(table.c.account == account)
    if session is not None:
        query = query.where(table.c.session == session)
    if chosen.since is not None:
        query = query.where(table.c.start >= ms_of(chosen.since))
    if chosen.until is not None:
        query = query.where(table.c.start < ms_of(chosen.until))
    found = await of.execute(query.order_by("start"))
    return [bucket_of(tuple(row)) for row in found]


async def whole(of: AsyncConnection, account: int, session_id: str) -> Whole | None:
    """Return all of a session that its figures are made of; None if it is not known."""
    names = ("started", "last_activity", "is_active", "course", *TALLY)
    row = await session_row(of, account, session_id, *(sessions.c[name] for name in names))
    if row is None:
        return None
    values = row._mapping  # SQLAlchemy's documented way to a row by name
    sums = aggregate_of(values, row.started, session_id) if row.total else None
    course = course_of(row.course) if row.course else None
    ends = (time_of(row.started), time_of(row.last_activity))
    return Whole(session_id, *ends, bool(row.is_active), sums, course)


async def totals(of: AsyncConnection, account: int) -> Totals:
    """Return how much an account has, mirrors' readings included."""
    rows = await of.execute(
        select(counters.c.name, counters.c.value).where(counters.c.account == account)
    )
    counted = {name: int(value) for name, value in rows}
    active = select(func.count()).where(sessions.c.account == account, sessions.c.is_active)
    lately = select(func.sum(tallies.c.total), func.sum(tallies.c.answered)).where(
        tallies.c.account == account, tallies.c.start >= now_ms() - HOUR_MS
    )
    recent = (await of.execute(lately)).one()
    first = await of.scalar(select(func.min(hours.c.start)).where(hours.c.account == account))
    return Totals(
        counted.get("total", 0),
        counted.get("answered", 0),
        counted.get("sessions", 0),
        int(await of.scalar(active) or 0),
        int(recent[0] or 0),
        int(recent[1] or 0),
        None if first is None else time_of(first),
        "",
    )


def _summed(width: Width) -> Any:
    """Return the question that adds tallies up to buckets of a width."""
    ms = _WIDTH_MS[width]
    start = (tallies.c.start // ms * ms).label("start")
    return select(start, *(func.sum(one) for one in _columns(tallies))).group_by("start")


def _columns(table: Any) -> list[Any]:
    return [table.c[name] for name in BUCKET]
