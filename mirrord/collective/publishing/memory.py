"""Whose contributions were shown together of late, in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import BigInteger, case, cast, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.publishing.cohort import Window
from mirrord.collective.schema import cohorts, contributions, spaces

HORIZON_MS: Final = 30 * 60_000  # figures so far apart are not compared: moods have moved on
KEPT_MS: Final = 4 * HORIZON_MS  # for spaces with longer windows, whose figures reach back further
LONGEST_S: Final = 86_400  # of a window
LONGEST_MS: Final = 3 * LONGEST_S * 1000  # longer than the horizon of any space


def horizon(window_ms: int) -> int:
    """Return how far apart two figures of a space may be and still be compared."""
    return max(HORIZON_MS, 2 * window_ms)


async def recall(
    of: AsyncConnection, space: int, start: int, window_ms: int
) -> dict[Window, set[int]]:
    """Return the shown figures, of any space, that bear on a window, and who was in them.

    They are those of everybody who was in a figure with somebody who contributed now.
    """
    near = _near(start, horizon(window_ms))
    here = select(contributions.c.account).where(
        contributions.c.space == space, contributions.c.start == start
    )
    others = await _spaces(of, near, here)
    if not others:
        return {}
    beside = select(cohorts.c.account).select_from(_JOINED).where(cohorts.c.space.in_(others), near)
    others = await _spaces(of, near, beside)
    query = select(cohorts.c.space, cohorts.c.start, cohorts.c.account).select_from(_JOINED)
    found: dict[Window, set[int]] = {}
    for other, at, account in await of.execute(query.where(cohorts.c.space.in_(others), near)):
        found.setdefault((int(other), int(at)), set()).add(int(account))
    return found


async def remember(
    to: AsyncConnection, space: int, start: int, window_ms: int, chosen: Iterable[int]
) -> None:
    """Keep who is in a figure, and forget figures of the space that no other is compared with."""
    old = cohorts.c.start < start - max(KEPT_MS, horizon(window_ms))
    await to.execute(delete(cohorts).where(cohorts.c.space == space, old))
    rows = [{"space": space, "start": start, "account": account} for account in chosen]
    await to.execute(insert(cohorts), rows)


_JOINED: Final = cohorts.outerjoin(spaces, spaces.c.space == cohorts.c.space)


def _near(start: int, far: int) -> Any:
    """Return which figures bear on a window: within its horizon, or within their own space's."""
    own = cast(func.coalesce(spaces.c.window_s, LONGEST_S), BigInteger) * 2000
    back = case((own > far, own), else_=literal(far, BigInteger))
    return (cohorts.c.start + back >= start) & (cohorts.c.start <= start + far)


async def _spaces(of: AsyncConnection, near: Any, accounts: Any) -> list[int]:
    query = select(cohorts.c.space).select_from(_JOINED)
    query = query.where(cohorts.c.account.in_(accounts), near).distinct()
    return [int(space) for space in (await of.execute(query)).scalars()]
