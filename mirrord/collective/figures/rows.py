"""Published figures in the database. What is asked of years reads hours, so it costs the same
whether a window was made of ten aggregates or of ten million.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics import Bucket
from mirrord.api.records import Found, Window
from mirrord.collective.figures.told import COLUMNS, HOURS, Collective, collective_of, hour_of
from mirrord.collective.records.pages import page
from mirrord.collective.schema import MOMENT, PEAKS, published, published_hours
from mirrord.collective.tally import HOUR_MS, ms_of
from mirrord.model import MOODS, MoodName


async def newest(of: AsyncConnection, space: int, since: int) -> Collective | None:
    """Return the last figure of a space, if its window began no earlier than `since`."""
    query = select(*COLUMNS).where(*_shown(space), published.c.start >= since)
    rows = await of.execute(query.order_by(published.c.start.desc()).limit(1))
    row = rows.mappings().first()
    return collective_of(row) if row else None


async def listed(
    of: AsyncConnection, space: int, since: int | None, window: Window
) -> Found[Collective]:
    """Return figures, the newest first."""
    query = select(*COLUMNS).where(*_shown(space))
    if since is None:
        counted = select(func.sum(published_hours.c.windows)).where(
            published_hours.c.space == space
        )
    else:
        query = query.where(published.c.start >= since)
        counted = select(func.count()).where(*_shown(space), published.c.start >= since)
    count = int(await of.scalar(counted) or 0)
    return await page(of, query, published.c.start, count, window, _told)


async def hours(of: AsyncConnection, space: int, since: datetime, until: datetime) -> list[Bucket]:
    """Return the hours of a span that have figures, the oldest first, from a whole hour on."""
    query = select(*HOURS).where(*_within(space, since, until))
    rows = await of.execute(query.order_by(published_hours.c.start))
    return [hour_of(tuple(row)) for row in rows]


async def peaks(
    of: AsyncConnection, space: int, since: datetime, until: datetime
) -> dict[MoodName, Collective | None]:
    """Return the figure in which each mood was highest, the earliest of equals."""
    columns = [func.max(published_hours.c[name]) for name in PEAKS]
    row = (await of.execute(select(*columns).where(*_within(space, since, until)))).one()
    starts = {
        mood: MOMENT - 1 - int(value) % MOMENT
        for mood, value in zip(MOODS, row, strict=True)
        if value is not None
    }
    query = select(*COLUMNS).where(*_shown(space), published.c.start.in_(sorted(starts.values())))
    found = {row["start"]: collective_of(row) for row in (await of.execute(query)).mappings()}
    return {mood: found.get(starts.get(mood, -1)) for mood in MOODS}


async def numbers(
    of: AsyncConnection, space: int, since: datetime, until: datetime
) -> tuple[int, int | None, int | None, float | None]:
    """Return how many figures a span has; the fewest, the most and the mean of contributors."""
    table = published_hours.c
    query = select(
        func.sum(table.windows),
        func.min(table.contributors_low),
        func.max(table.contributors_high),
        func.sum(table.contributors),
    ).where(*_within(space, since, until))
    windows, fewest, most, total = (await of.execute(query)).one()
    if not windows:
        return 0, None, None, None
    return int(windows), int(fewest), int(most), int(total) / int(windows)


def _shown(space: int) -> Sequence[Any]:
    return published.c.space == space, published.c.shown


def _within(space: int, since: datetime, until: datetime) -> Sequence[Any]:
    first = ms_of(since) // HOUR_MS * HOUR_MS
    start = published_hours.c.start
    return published_hours.c.space == space, start >= first, start < ms_of(until)


def _told(row: Any) -> Collective:
    return collective_of(row._mapping)  # SQLAlchemy's documented way to a row by name
