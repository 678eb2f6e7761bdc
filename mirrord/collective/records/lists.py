"""Lists of an account's readings and sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.records import Chosen, Found, Session, Window
from mirrord.collective.records.adding import reading_query
from mirrord.collective.records.naming import session_row
from mirrord.collective.records.pages import page
from mirrord.collective.records.told import SESSION, session_of
from mirrord.collective.schema import counters, sessions
from mirrord.collective.schema import readings as table
from mirrord.collective.tally import ms_of

T = TypeVar("T")


async def readings(
    of: AsyncConnection,
    account: int,
    chosen: Chosen,
    window: Window,
    told: Callable[[Any], T],
) -> Found[T]:
    """Return readings, or their responses; of an unknown session there are none."""
    query = reading_query().where(table.c.account == account)
    if chosen.session_id is not None:
        columns = (sessions.c.session, sessions.c.rows)
        session = await session_row(of, account, chosen.session_id, *columns)
        if session is None:
            return Found(0, [], [])
        query = query.where(table.c.session == session.session)
        count = int(session.rows)
    elif chosen.since is not None:
        since = table.c.at >= ms_of(chosen.since)
        query = query.where(since)
        counted = select(func.count()).where(table.c.account == account, since)
        count = int(await of.scalar(counted) or 0)
    else:
        count = await counter(of, account, "readings")
    return await page(of, query, table.c.number, count, window, told)


async def sessions_of(
    of: AsyncConnection, account: int, user: str, active: bool | None, window: Window
) -> Found[Session]:
    """Return all sessions, or those that have not ended."""
    query = select(*SESSION).where(sessions.c.account == account)
    if active is None:
        count = await counter(of, account, "sessions")
    else:
        query = query.where(sessions.c.is_active.is_(active))
        counted = select(func.count()).where(
            sessions.c.account == account, sessions.c.is_active.is_(active)
        )
        count = int(await of.scalar(counted) or 0)
    return await page(
        of, query, sessions.c.session, count, window, lambda row: session_of(row, user)
    )


async def counter(of: AsyncConnection, account: int, name: str) -> int:
    """Return what is counted of an account."""
    which = (counters.c.account == account) & (counters.c.name == name)
    return int(await of.scalar(select(counters.c.value).where(which)) or 0)
