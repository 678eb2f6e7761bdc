"""Whose contributions were shown together of late, in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.publishing.cohort import Window
from mirrord.collective.schema import cohorts, contributions

HORIZON_MS: Final = 30 * 60_000  # figures so far apart are not compared: moods have moved on
LONGEST_MS: Final = 3 * 86_400_000  # longer than the horizon of any space


def horizon(window_ms: int) -> int:
    """Return how far apart two figures may be and still be compared."""
    return max(HORIZON_MS, 2 * window_ms)


async def recall(
    of: AsyncConnection, space: int, start: int, window_ms: int
) -> dict[Window, set[int]]:
    """Return the shown figures, of any space, that bear on a window, and who was in them.

    They are those of everybody who was in a figure with somebody who contributed now.
    """
    far = horizon(window_ms)
    near = cohorts.c.start.between(start - far, start + far)
    here = select(contributions.c.account).where(
        contributions.c.space == space, contributions.c.start == start
    )
    spaces = await _spaces(of, near, here)
    if not spaces:
        return {}
    beside = select(cohorts.c.account).where(cohorts.c.space.in_(spaces), near)
    spaces = await _spaces(of, near, beside)
    query = select(cohorts.c.space, cohorts.c.start, cohorts.c.account)
    found: dict[Window, set[int]] = {}
    for other, at, account in await of.execute(query.where(cohorts.c.space.in_(spaces), near)):
        found.setdefault((int(other), int(at)), set()).add(int(account))
    return found


async def remember(
    to: AsyncConnection, space: int, start: int, window_ms: int, chosen: Iterable[int]
) -> None:
    """Keep who is in a figure, and forget figures of the space that no other is compared with."""
    old = cohorts.c.start < start - horizon(window_ms)
    await to.execute(delete(cohorts).where(cohorts.c.space == space, old))
    rows = [{"space": space, "start": start, "account": account} for account in chosen]
    await to.execute(insert(cohorts), rows)


async def _spaces(of: AsyncConnection, near: Any, accounts: Any) -> list[int]:
    query = select(cohorts.c.space).where(cohorts.c.account.in_(accounts), near).distinct()
    return [int(space) for space in (await of.execute(query)).scalars()]
