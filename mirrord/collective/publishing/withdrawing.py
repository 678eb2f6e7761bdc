"""A figure taken back: nobody sees it any more, and its hour is added up anew.

Its row stays, empty, so that its window is not published again; and who was in it is remembered as
long as other figures are compared with it, since those who saw it know it.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics.aggregate import MEASURES
from mirrord.collective.publishing.windows import hour_of
from mirrord.collective.schema import published, published_hours
from mirrord.collective.tally import HOUR_MS
from mirrord.collective.upsert import add_up


async def withdraw_figure(to: AsyncConnection, space: int, start: int) -> bool:
    """Take a shown figure back; False if there is none."""
    mine = (published.c.space == space) & published.c.shown
    nothing = dict.fromkeys((*MEASURES, "contributors", "readings"))
    which = update(published).where(mine, published.c.start == start)
    if not (await to.execute(which.values(shown=False, **nothing))).rowcount:
        return False
    hour = start // HOUR_MS * HOUR_MS
    its_hour = (published_hours.c.space == space) & (published_hours.c.start == hour)
    await to.execute(delete(published_hours).where(its_hour))
    left = select(published).where(mine, published.c.start.between(hour, hour + HOUR_MS - 1))
    for row in (await to.execute(left)).mappings().all():
        await add_up(to, published_hours, [hour_of(space, row["start"], dict(row))])
    return True
