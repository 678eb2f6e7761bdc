"""Erases an account with everything of it, in pieces that each take a moment.

First nothing more comes in; then the records go, some sessions at a time; last the account itself.
What is left half done (the process was killed) is finished by `finish`: such an account has no
password any more and is not active.

What was published of groups stays: taking a contribution out of a figure would show it.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.database import Database
from mirrord.collective.numbers import new_number
from mirrord.collective.people.book import Also, nothing
from mirrord.collective.schema import (
    accounts,
    cohorts,
    contributions,
    counters,
    enrolments,
    hours,
    keys,
    members,
    mirror_spaces,
    mirrors,
    quarters,
    readings,
    sessions,
    tallies,
    tombstones,
)
from mirrord.collective.spaces.members import leave_all

log = logging.getLogger(__name__)
PIECE: Final = 20  # sessions in one transaction
_ERASING: Final = ""  # in place of the password of an account that is being erased
_HELD: Final = (keys, mirrors, enrolments)  # by which something could still come in
_REST: Final = (
    readings,
    tallies,
    sessions,
    quarters,
    hours,
    counters,
    tombstones,
    contributions,
    mirror_spaces,
    members,
    keys,
    mirrors,
    enrolments,
)


async def erase(database: Database, account: int, also: Also = nothing) -> dict[str, int]:
    """Delete an account and all that is its own; return how many rows of each table went.

    `also` is done in the first of the transactions, from which on there is no way back.
    """

    async def begin(to: AsyncConnection) -> dict[str, int]:
        await also(to)
        return await _close(to, account)

    gone: Counter[str] = Counter()
    gone.update(await database.write(begin))
    while piece := await database.write(lambda to: _take_piece(to, account)):
        gone.update(piece)
    gone.update(await database.write(lambda to: _take_rest(to, account)))
    log.info("account %d is erased", account)
    return {name: gone[name] for name in sorted(gone)}


async def finish(database: Database) -> int:
    """Finish what was left half done; return how many accounts."""
    query = select(accounts.c.account).where(
        accounts.c.password == _ERASING, accounts.c.active.is_(False)
    )
    found = (await database.read(lambda of: of.execute(query))).scalars().all()
    for account in found:
        await erase(database, int(account))
    return len(found)


async def _close(to: AsyncConnection, account: int) -> dict[str, int]:
    """Let nothing more in. Who writes at this moment holds the account's row, and is waited for."""
    mine = accounts.c.account == account
    await to.execute(update(accounts).where(mine).values(active=False, password=_ERASING))
    return await _deleted(to, _HELD, account)


async def _take_piece(to: AsyncConnection, account: int) -> dict[str, int]:
    query = select(sessions.c.session).where(sessions.c.account == account).limit(PIECE)
    numbers = list((await to.execute(query)).scalars())
    if not numbers:
        return {}
    gone = {}
    for table in (readings, tallies, sessions):
        which = (table.c.account == account) & table.c.session.in_(numbers)
        gone[table.name] = (await to.execute(delete(table).where(which))).rowcount
    return gone


async def _take_rest(to: AsyncConnection, account: int) -> dict[str, int]:
    in_spaces = (members, mirror_spaces, contributions)
    count = {table.name: await _rows(to, table, account) for table in in_spaces}
    await leave_all(to, account)
    gone = await _deleted(to, _REST, account)
    gone = {name: max(number, count.get(name, 0)) for name, number in gone.items()}
    # Who is compared with whom stays as it is, under a number that is nobody's.
    nobody = cohorts.c.account == account
    await to.execute(update(cohorts).where(nobody).values(account=new_number()))
    return gone | await _deleted(to, (accounts,), account)


async def _rows(of: AsyncConnection, table: Any, account: int) -> int:
    query = select(table.c.account).where(table.c.account == account)
    return len((await of.execute(query)).all())


async def _deleted(to: AsyncConnection, tables: tuple[Any, ...], account: int) -> dict[str, int]:
    gone = {}
    for table in tables:
        done = await to.execute(delete(table).where(table.c.account == account))
        gone[table.name] = done.rowcount
    return gone
