"""Spaces in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Table, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.caller import Caller
from mirrord.api.records import Found, Window
from mirrord.api.reply import Rejected
from mirrord.collective.caller import Member
from mirrord.collective.folding import hold
from mirrord.collective.numbers import new_number, now_ms
from mirrord.collective.people.records import iso
from mirrord.collective.records.pages import page
from mirrord.collective.schema import (
    WORLD,
    contributions,
    invites,
    members,
    mirror_spaces,
    published,
    published_hours,
    spaces,
)
from mirrord.collective.spaces.keeper import with_role

# Not `cohorts`: as long as other spaces' figures are compared with those of a space that is gone,
# they have to be there.
_OF_A_SPACE: Final[tuple[Table, ...]] = (
    members,
    invites,
    mirror_spaces,
    contributions,
    published,
    published_hours,
    spaces,
)


async def listed(of: AsyncConnection, caller: Caller, window: Window) -> Found[dict[str, Any]]:
    """Return the spaces that are public, and those that the caller is in, the newest first."""
    seen = or_(spaces.c.public & spaces.c.active, members.c.role.is_not(None))
    query = with_role(caller).where(seen)
    count = await of.scalar(select(func.count()).select_from(query.subquery()))
    return await page(of, query, spaces.c.space, int(count or 0), window, shown)


async def create(to: AsyncConnection, who: Member, values: Mapping[str, Any], most: int) -> int:
    """Return the number of a new space, which belongs to somebody. Raises Rejected (409)."""
    await hold(to, who.account, alone=True)
    owned = select(func.count()).where(members.c.account == who.account, members.c.role == "owner")
    if int(await to.scalar(owned) or 0) >= most:
        raise Rejected(f"You own {most} spaces already, which is as many as one may.", 409)
    number, now = new_number(), now_ms()
    await to.execute(insert(spaces).values(space=number, active=True, created=now, **values))
    owner = {"space": number, "account": who.account, "role": "owner", "joined": now}
    await to.execute(insert(members).values(**owner))
    return number


async def change(to: AsyncConnection, row: Any, changes: Mapping[str, Any]) -> None:
    """Change a space, not what its people were promised. Raises Rejected."""
    if row.space == WORLD:
        raise Rejected("space: the world is as the collective's settings say", 409)
    _check_promise(row, changes)
    if changes:
        await to.execute(update(spaces).where(spaces.c.space == row.space).values(**changes))
    if {"window_s", "active"} & changes.keys():  # windows that are half full are given up
        await to.execute(delete(contributions).where(contributions.c.space == row.space))


def _check_promise(row: Any, changes: Mapping[str, Any]) -> None:
    if changes.get("least", row.least) < row.least:
        said = f"least: stays at {row.least} or rises, since who joined was promised that"
        raise Rejected(said, details={"least": said})
    new = changes.get("epsilon", row.epsilon)
    if row.epsilon > 0 and not 0 < new <= row.epsilon:
        said = f"epsilon: stays at {row.epsilon:g} or falls, since who joined was promised that"
        raise Rejected(said, details={"epsilon": said})


async def remove(to: AsyncConnection, space: int) -> None:
    """Delete a space and its figures. Raises Rejected for the world."""
    if space == WORLD:
        raise Rejected("space: the world stays", 409)
    for table in _OF_A_SPACE:
        await to.execute(delete(table).where(table.c.space == space))


def shown(row: Any) -> dict[str, Any]:
    """Return a space as it is answered, with the caller's role."""
    return {
        "id": str(row.space),
        "name": row.name,
        "kind": row.kind,
        "public": row.public,
        "active": row.active,
        "least": row.least,
        "window_s": row.window_s,
        "epsilon": row.epsilon,
        "created": iso(row.created),
        "role": row.role,
    }
