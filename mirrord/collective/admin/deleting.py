"""Records, deleted with all that they were added to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics.aggregate import MEASURES
from mirrord.collective.folding import WIDTHS, count, fold
from mirrord.collective.linking.erasing import sum_again
from mirrord.collective.records.forgetting import forget_sessions, unfold_tallies
from mirrord.collective.schema import mirror_spaces, mirrors, readings, sessions, tallies
from mirrord.collective.tally import MINUTE_MS, added, tally_of_reading


async def erase_sessions(
    to: AsyncConnection, account: int, numbers: Sequence[int]
) -> dict[str, int]:
    """Delete sessions with all that is in them; return how many there were, and tallies."""
    gone = await forget_sessions(to, account, numbers)
    return {"sessions": len(numbers), "tallies": gone}


async def erase_mirror(to: AsyncConnection, account: int, mirror: int) -> dict[str, int]:
    """Delete a mirror with all that it has sent; return how many rows of each table went."""
    mine = (sessions.c.account == account) & (sessions.c.mirror == mirror)
    query = select(sessions.c.session).where(mine).with_for_update()
    numbers = [int(one) for one in (await to.execute(query)).scalars()]
    gone = await erase_sessions(to, account, numbers)
    for table in (mirror_spaces, mirrors):
        which = (table.c.account == account) & (table.c.mirror == mirror)
        gone[table.name] = (await to.execute(delete(table).where(which))).rowcount
    return gone


async def erase_reading(to: AsyncConnection, row: Mapping[str, Any]) -> None:
    """Delete a reading; its minute is added up anew from those that are left.

    How the session went (its transitions and calm stretches) is not known any more after that.
    """
    account, session = row["account"], row["session"]
    start = row["at"] // MINUTE_MS * MINUTE_MS
    end = start + MINUTE_MS
    span = [tallies.c.start == start, tallies.c.width == WIDTHS["minute"]]
    await unfold_tallies(to, account, [session], *span)
    mine = (readings.c.account == account) & (readings.c.session == session)
    await to.execute(delete(readings).where(mine, readings.c.number == row["number"]))
    left = select(readings).where(mine, readings.c.at >= start, readings.c.at < end)
    rows = [dict(row) for row in (await to.execute(left)).mappings()]
    if rows:
        await fold(to, account, [(session, WIDTHS["minute"], start, _summed(rows))])
    await sum_again(to, account, [session])
    which = (sessions.c.account == account) & (sessions.c.session == session)
    await to.execute(update(sessions).where(which).values(rows=sessions.c.rows - 1))
    await count(to, account, readings=-1)


def _summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return added(
        tally_of_reading(one["at"], one["dominant"], tuple(one[name] for name in MEASURES))
        for one in rows
    )
