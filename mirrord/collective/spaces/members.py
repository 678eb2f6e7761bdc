"""Who is in a space, and with which mirrors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.reply import Rejected
from mirrord.collective.people.records import iso
from mirrord.collective.schema import (
    accounts,
    contributions,
    members,
    mirror_spaces,
    mirrors,
    spaces,
)
from mirrord.collective.spaces.book import remove
from mirrord.collective.spaces.keeper import RANK
from mirrord.collective.upsert import insert_new


async def listed(of: AsyncConnection, space: int) -> list[dict[str, Any]]:
    """Return who is in a space, owners first."""
    joined = members.join(accounts, accounts.c.account == members.c.account)
    query = (
        select(members.c.account, accounts.c.username, members.c.role, members.c.joined)
        .select_from(joined)
        .where(members.c.space == space)
        .order_by(members.c.joined, members.c.account)
    )
    rows = sorted(await of.execute(query), key=lambda row: -RANK[row.role])
    return [
        {
            "id": str(row.account),
            "username": row.username,
            "role": row.role,
            "joined": iso(row.joined),
        }
        for row in rows
    ]


async def set_role(to: AsyncConnection, space: int, account: int, role: str) -> None:
    """Give somebody another role. Raises Rejected: unknown (404), the last owner (409)."""
    await _check_stays_owned(to, space, account, role)
    await to.execute(update(members).where(*_one(space, account)).values(role=role))
    if RANK[role] < RANK["member"]:
        await _take_mirrors(to, space, account)


async def remove_one(to: AsyncConnection, space: int, account: int) -> None:
    """Take somebody and their mirrors out. Raises Rejected: unknown (404), the last owner (409)."""
    await _check_stays_owned(to, space, account, "")
    await to.execute(delete(members).where(*_one(space, account)))
    await _take_mirrors(to, space, account)


async def leave_all(to: AsyncConnection, account: int) -> None:
    """Take an account that is going to be deleted out of every space.

    Whoever is there longest, of the highest role, owns what it alone has owned; a space with nobody
    left is deleted.
    """
    query = select(members.c.space).where(members.c.account == account).order_by(members.c.space)
    for space in (await to.execute(query)).scalars().all():
        await _lock(to, space)
        await to.execute(delete(members).where(*_one(space, account)))
        await _take_mirrors(to, space, account)
        left = await listed(to, space)
        if not left:
            await remove(to, space)
        elif left[0]["role"] != "owner":
            heir = _one(space, int(left[0]["id"]))
            await to.execute(update(members).where(*heir).values(role="owner"))
    await to.execute(delete(contributions).where(contributions.c.account == account))


async def mirrors_in(of: AsyncConnection, space: int, account: int) -> list[dict[str, Any]]:
    """Return an account's own mirrors, each with whether it is in the space."""
    here = (
        (mirror_spaces.c.space == space)
        & (mirror_spaces.c.account == mirrors.c.account)
        & (mirror_spaces.c.mirror == mirrors.c.mirror)
    )
    query = (
        select(mirrors.c.mirror, mirrors.c.name, mirror_spaces.c.space.label("there"))
        .select_from(mirrors.outerjoin(mirror_spaces, here))
        .where(mirrors.c.account == account, mirrors.c.active)
        .order_by(mirrors.c.mirror)
    )
    return [
        {"id": str(row.mirror), "name": row.name, "joined": row.there is not None}
        for row in await of.execute(query)
    ]


async def add_mirror(to: AsyncConnection, space: int, account: int, mirror: int, most: int) -> None:
    """Let a mirror's readings count in a space. Raises Rejected: unknown (404), too many (409)."""
    own = (mirrors.c.account == account) & (mirrors.c.mirror == mirror) & mirrors.c.active
    if not await to.scalar(select(mirrors.c.mirror).where(own).with_for_update()):
        raise Rejected("mirror: you have no such mirror", 404)
    others = select(func.count()).where(
        mirror_spaces.c.account == account,
        mirror_spaces.c.mirror == mirror,
        mirror_spaces.c.space != space,
    )
    if int(await to.scalar(others) or 0) >= most:
        raise Rejected(f"mirror: it is in {most} spaces already, as many as it may be", 409)
    await insert_new(to, mirror_spaces, {"space": space, "account": account, "mirror": mirror})


async def take_mirror(to: AsyncConnection, space: int, account: int, mirror: int) -> None:
    """Let a mirror's readings count no more. Raises Rejected (404)."""
    which = (mirror_spaces.c.space == space) & (mirror_spaces.c.account == account)
    gone = await to.execute(delete(mirror_spaces).where(which, mirror_spaces.c.mirror == mirror))
    if not gone.rowcount:
        raise Rejected("mirror: you have no such mirror in this space", 404)
    if not await to.scalar(select(func.count()).select_from(mirror_spaces).where(which)):
        await _forget_open(to, space, account)


async def _take_mirrors(to: AsyncConnection, space: int, account: int) -> None:
    which = (mirror_spaces.c.space == space) & (mirror_spaces.c.account == account)
    await to.execute(delete(mirror_spaces).where(which))
    await _forget_open(to, space, account)


async def _forget_open(to: AsyncConnection, space: int, account: int) -> None:
    """Who leaves is in no figure that is still to come."""
    which = (contributions.c.space == space) & (contributions.c.account == account)
    await to.execute(delete(contributions).where(which))


async def _check_stays_owned(to: AsyncConnection, space: int, account: int, role: str) -> None:
    await _lock(to, space)
    old = await to.scalar(select(members.c.role).where(*_one(space, account)))
    if old is None:
        raise Rejected("account: there is nobody of that id in this space", 404)
    owners = select(func.count()).where(members.c.space == space, members.c.role == "owner")
    if old == "owner" != role and int(await to.scalar(owners) or 0) == 1:
        raise Rejected("The last owner stays: make somebody else an owner first.", 409)


async def _lock(to: AsyncConnection, space: int) -> None:
    """One change of who is in a space at a time."""
    await to.execute(select(spaces.c.space).where(spaces.c.space == space).with_for_update())


def _one(space: int, account: int) -> tuple[Any, Any]:
    return members.c.space == space, members.c.account == account
