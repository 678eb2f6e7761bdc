"""Deletes what a mirror has sent, and takes it out of every rollup it was folded into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.caller import Mirror
from mirrord.collective.folding import count, fold_rollups
from mirrord.collective.numbers import now_ms
from mirrord.collective.schema import (
    BUCKET,
    HIGHS,
    LOWS,
    TALLY,
    hours,
    quarters,
    sessions,
    tallies,
    tombstones,
)
from mirrord.collective.upsert import insert_new
from mirrord.sync_wire import Erasure


async def erase(to: AsyncConnection, who: Mirror, item: Erasure) -> int:
    """Delete what an erasure names; return how many tallies went."""
    numbers = await _sessions(to, who, item.session)
    whole = item.since is None and item.until is None
    gone = await _erase_tallies(to, who.account, numbers, _span(item))
    if whole:
        await _forget_sessions(to, who.account, numbers)
    else:
        await _sum_again(to, who.account, numbers)
    if whole and item.session is not None:
        key = {"account": who.account, "mirror": who.mirror, "session_id": item.session}
        await insert_new(to, tombstones, {**key, "at": now_ms()})
    return gone


async def erase_all(to: AsyncConnection, who: Mirror) -> tuple[int, int]:
    """Delete everything of a mirror; return how many tallies and sessions went."""
    numbers = await _sessions(to, who, None)
    gone = await _erase_tallies(to, who.account, numbers, [])
    await _forget_sessions(to, who.account, numbers)
    return gone, len(numbers)


async def _sessions(to: AsyncConnection, who: Mirror, session_id: str | None) -> list[int]:
    query = select(sessions.c.session).where(
        sessions.c.account == who.account, sessions.c.mirror == who.mirror
    )
    if session_id is not None:
        query = query.where(sessions.c.session_id == session_id)
    return [int(one) for one in (await to.execute(query.with_for_update())).scalars()]


def _span(item: Erasure) -> list[Any]:
    found = []
    if item.since is not None:
        found.append(tallies.c.start >= item.since)
    if item.until is not None:
        found.append(tallies.c.start < item.until)
    return found


async def _erase_tallies(
    to: AsyncConnection, account: int, numbers: Sequence[int], span: list[Any]
) -> int:
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


async def _unfold(to: AsyncConnection, account: int, rows: list[dict[str, Any]]) -> None:
    """Take tallies out of the rollups by time, and out of what is counted."""
    minus = [(row["start"], {name: -row[name] for name in BUCKET}) for row in rows]
    await fold_rollups(to, account, minus)
    for table in (quarters, hours):
        await to.execute(delete(table).where(table.c.account == account, table.c.total == 0))
    total, answered = (-sum(row[name] for row in rows) for name in ("total", "answered"))
    await count(to, account, total=total, answered=answered)


async def _forget_sessions(to: AsyncConnection, account: int, numbers: Sequence[int]) -> None:
    for session in numbers:
        which = (sessions.c.account == account) & (sessions.c.session == session)
        await to.execute(delete(sessions).where(which))
    await count(to, account, sessions=-len(numbers))


async def _sum_again(to: AsyncConnection, account: int, numbers: Sequence[int]) -> None:
    """Make the totals of sessions anew from the tallies that are left."""
    columns = [_total(name) for name in TALLY]
    for session in numbers:
        which = (tallies.c.account == account) & (tallies.c.session == session)
        row = (await to.execute(select(*columns).where(which))).mappings().one()
        values = {name: row[name] for name in TALLY}
        mine = (sessions.c.account == account) & (sessions.c.session == session)
        await to.execute(update(sessions).where(mine).values(**values, course=None))


def _total(name: str) -> Any:
    column = tallies.c[name]
    if name in LOWS:
        return func.min(column).label(name)
    if name in HIGHS:
        return func.max(column).label(name)
    return func.coalesce(func.sum(column), 0).label(name)
