"""Links that let somebody into a space."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.reply import Rejected
from mirrord.collective.folding import hold
from mirrord.collective.numbers import now_ms
from mirrord.collective.people.records import iso
from mirrord.collective.schema import invites, members, spaces
from mirrord.collective.spaces.forms import NewInvite
from mirrord.collective.spaces.keeper import RANK
from mirrord.collective.tally import DAY_MS
from mirrord.collective.upsert import insert_new
from mirrord.credentials import secrets

MOST: Final = 100  # of one space
PATH: Final = "/join#"  # behind a '#', so that no server and no log is told the secret


async def make(to: AsyncConnection, space: int, form: NewInvite) -> dict[str, Any]:
    """Return a new link with its secret, which nobody can be told a second time."""
    now, secret = now_ms(), secrets.new_key()
    await to.execute(delete(invites).where(invites.c.space == space, _spent(now)))
    if len(await listed(to, space)) >= MOST:
        raise Rejected(f"The space has {MOST} links that hold; revoke one first.", 409)
    row = {
        "space": space,
        "digest": secrets.digest(secret),
        "id": secrets.new_handle(),
        "role": form.role,
        "created": now,
        "expires": now + int(form.days * DAY_MS),
        "uses": form.uses,
    }
    await to.execute(insert(invites).values(**row))
    return {**_shown(row), "secret": secret, "path": PATH + secret}


async def listed(of: AsyncConnection, space: int) -> list[dict[str, Any]]:
    """Return the links that hold, the newest first."""
    query = select(invites).where(invites.c.space == space, ~_spent(now_ms()))
    ordered = query.order_by(invites.c.created.desc(), invites.c.id)
    return [_shown(row) for row in (await of.execute(ordered)).mappings()]


async def revoke(to: AsyncConnection, space: int, handle: str) -> None:
    """End a link. Raises Rejected (404)."""
    which = (invites.c.space == space) & (invites.c.id == handle)
    if not (await to.execute(delete(invites).where(which))).rowcount:
        raise Rejected("id: the space has no such link", 404)


async def join(to: AsyncConnection, account: int, secret: str) -> int:
    """Let somebody in and return the number of the space. Raises Rejected (404).

    A link is used up only by who becomes more than they were.
    """
    await hold(to, account)
    digest = secrets.digest(secret)
    joined = invites.join(spaces, spaces.c.space == invites.c.space)
    query = (
        select(invites.c.space, invites.c.role)
        .select_from(joined)
        .where(invites.c.digest == digest, ~_spent(now_ms()), spaces.c.active)
    )
    found = (await to.execute(query)).first()
    if found is None:
        raise Rejected("This link is unknown, was revoked, has expired or is used up.", 404)
    await _let_in(to, account, found.space, found.role, digest)
    return int(found.space)


async def _let_in(to: AsyncConnection, account: int, space: int, role: str, digest: bytes) -> None:
    row = {"space": space, "account": account, "role": role, "joined": now_ms()}
    if not await insert_new(to, members, row):
        mine = (members.c.space == space) & (members.c.account == account)
        old = await to.scalar(select(members.c.role).where(mine).with_for_update())
        if old is not None and RANK[old] >= RANK[role]:
            return
        await to.execute(update(members).where(mine).values(role=role))
    one = (invites.c.space == space) & (invites.c.digest == digest) & (invites.c.uses > 0)
    used = await to.execute(update(invites).where(one).values(uses=invites.c.uses - 1))
    if not used.rowcount:  # somebody was quicker; what was done here is undone
        raise Rejected("This link is unknown, was revoked, has expired or is used up.", 404)


def _spent(now: int) -> Any:
    return (invites.c.expires <= now) | (invites.c.uses <= 0)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "role": row["role"],
        "created": iso(row["created"]),
        "expires": iso(row["expires"]),
        "uses": row["uses"],
    }


async def holds(of: AsyncConnection, secret: str) -> bool:
    """Tell whether a link lets somebody in now."""
    which = (invites.c.digest == secrets.digest(secret)) & ~_spent(now_ms())
    return await of.scalar(select(invites.c.space).where(which)) is not None
