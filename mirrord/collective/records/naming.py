"""Sessions by the name that a program or a mirror gave them."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.folding import count
from mirrord.collective.numbers import new_number
from mirrord.collective.schema import NO_MIRROR, counters, sessions
from mirrord.collective.upsert import insert_new

_MODULES: Final = {"sqlite": sqlite, "postgresql": postgresql}


async def session_row(of: AsyncConnection, account: int, session_id: str, *columns: Any) -> Any:
    """Return columns of an account's session; a program's before a mirror's, the newest first."""
    query = (
        select(*columns)
        .where(sessions.c.account == account, sessions.c.session_id == session_id)
        .order_by(sessions.c.mirror, sessions.c.session.desc())
        .limit(1)
    )
    return (await of.execute(query)).first()


async def next_number(to: AsyncConnection, account: int) -> int:
    """Return a number for an account's next reading, above all that are stored.

    Until this transaction ends, the row keeps others of the account waiting: so the order of the
    numbers is the order of storing, and whoever has read up to one of them has missed none.
    """
    row = {"account": account, "name": "newest", "value": new_number()}
    return int(await to.scalar(_next(to.dialect.name), row) or 0)


@cache
def _next(dialect: str) -> Any:
    statement = _MODULES[dialect].insert(counters)
    higher = func.max if dialect == "sqlite" else func.greatest
    grown = higher(counters.c.value + 1, statement.excluded.value)
    return statement.on_conflict_do_update(
        index_elements=["account", "name"], set_={"value": grown}
    ).returning(counters.c.value)


async def open_session(
    to: AsyncConnection,
    account: int,
    session_id: str,
    at: int,
    mirror: int = NO_MIRROR,
    **more: Any,
) -> tuple[int, bool]:
    """Return the number of a session, and whether it begins with this."""
    row = {
        "account": account,
        "session": new_number(),
        "session_id": session_id,
        "mirror": mirror,
        "started": at,
        "last_activity": at,
        "is_active": True,
        "ended": False,
        "device_type": "web" if mirror == NO_MIRROR else "mirror",
        "browser": None,
        "location_country": None,
        **more,
    }
    new = await insert_new(to, sessions, row)
    if new:
        await count(to, account, sessions=1)
    which = (
        (sessions.c.account == account)
        & (sessions.c.mirror == mirror)
        & (sessions.c.session_id == session_id)
    )
    return int(await to.scalar(select(sessions.c.session).where(which)) or 0), new
