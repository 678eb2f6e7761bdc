"""Whole sessions deleted for good, and taken out of every rollup they were folded into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.database import Database
from mirrord.collective.folding import count, fold_rollups
from mirrord.collective.numbers import now_ms
from mirrord.collective.schema import BUCKET, hours, quarters, readings, sessions, tallies
from mirrord.collective.tally import DAY_MS

_AT_ONCE: Final = 50


async def forget_sessions(to: AsyncConnection, account: int, numbers: Sequence[int]) -> int:
    """Delete sessions with all that is in them; return how many tallies went."""
    gone = await unfold_tallies(to, account, numbers)
    if numbers:
        mine = and_(readings.c.account == account, readings.c.session.in_(numbers))
        rows = await to.scalar(select(func.count()).select_from(readings).where(mine))
        await to.execute(delete(readings).where(mine))
        which = and_(sessions.c.account == account, sessions.c.session.in_(numbers))
        await to.execute(delete(sessions).where(which))
        await count(to, account, sessions=-len(numbers), readings=-int(rows or 0))
    return gone


async def unfold_tallies(
    to: AsyncConnection, account: int, numbers: Sequence[int], *span: Any
) -> int:
    """Delete the tallies of sessions (those within a span); return how many went."""
    gone = 0
    for session in numbers:
        which = and_(tallies.c.account == account, tallies.c.session == session, *span)
        columns = (tallies.c.start, tallies.c.answered, *(tallies.c[name] for name in BUCKET))
        rows = [dict(row) for row in (await to.execute(select(*columns).where(which))).mappings()]
        if rows:
            await _unfold(to, account, rows)
            await to.execute(delete(tallies).where(which))
        gone += len(rows)
    return gone


async def forget_old(database: Database, keep_days: float) -> int:
    """Delete the sessions that ended so many days ago; return how many."""
    limit, gone = now_ms() - int(keep_days * DAY_MS), 0
    while found := await database.write(lambda to: _forget_some(to, limit)):
        gone += found
    return gone


async def _forget_some(to: AsyncConnection, limit: int) -> int:
    old = and_(sessions.c.last_activity < limit, sessions.c.is_active.is_(False))
    query = select(sessions.c.account, sessions.c.session).where(old).limit(_AT_ONCE)
    rows = (await to.execute(query)).all()
    for account in sorted({row.account for row in rows}):
        await forget_sessions(to, account, [row.session for row in rows if row.account == account])
    return len(rows)


async def _unfold(to: AsyncConnection, account: int, rows: list[dict[str, Any]]) -> None:
    """Take tallies out of the rollups by time, and out of what is counted."""
    minus = [(row["start"], {name: -row[name] for name in BUCKET}) for row in rows]
    await fold_rollups(to, account, minus)
    for table in (quarters, hours):
        await to.execute(delete(table).where(table.c.account == account, table.c.total == 0))
    total, answered = (-sum(row[name] for row in rows) for name in ("total", "answered"))
    await count(to, account, total=total, answered=answered)
