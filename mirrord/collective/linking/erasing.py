"""Deletes what a mirror has sent, and takes it out of every rollup it was folded into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.caller import Mirror
from mirrord.collective.numbers import now_ms
from mirrord.collective.records.forgetting import forget_sessions, unfold_tallies
from mirrord.collective.schema import HIGHS, LOWS, TALLY, sessions, tallies, tombstones
from mirrord.collective.upsert import insert_new
from mirrord.sync_wire import Erasure


async def erase(to: AsyncConnection, who: Mirror, item: Erasure) -> int:
    """Delete what an erasure names; return how many tallies went."""
    numbers = await _sessions(to, who, item.session)
    if item.since is not None or item.until is not None:
        gone = await unfold_tallies(to, who.account, numbers, *_span(item))
        await sum_again(to, who.account, numbers)
        return gone
    if item.session is not None:
        key = {"account": who.account, "mirror": who.mirror, "session_id": item.session}
        await insert_new(to, tombstones, {**key, "at": now_ms()})
    return await forget_sessions(to, who.account, numbers)


async def erase_all(to: AsyncConnection, who: Mirror) -> tuple[int, int]:
    """Delete everything of a mirror; return how many tallies and sessions went."""
    numbers = await _sessions(to, who, None)
    return await forget_sessions(to, who.account, numbers), len(numbers)


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


async def sum_again(to: AsyncConnection, account: int, numbers: Sequence[int]) -> None:
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
