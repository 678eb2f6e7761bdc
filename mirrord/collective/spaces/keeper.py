"""Who may do what in a space. A private one is to strangers as if it were not there."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.caller import Caller, NotAllowed
from mirrord.api.reply import Rejected
from mirrord.collective.caller import Member
from mirrord.collective.database import Database
from mirrord.collective.doors import SpaceRole
from mirrord.collective.numbers import now_ms
from mirrord.collective.schema import WORLD, members, spaces
from mirrord.collective.settings import PrivacySettings
from mirrord.collective.upsert import insert_new

RANK: Final = {"viewer": 1, "member": 2, "owner": 3}
NO_ACCOUNT: Final = -1


class Spaces:
    """Implements `gate.SpaceKeeper`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, caller: Caller, space: str, role: SpaceRole) -> None:
        """Raise NotAllowed or Rejected (404) unless the caller has at least this role there."""
        await self._database.read(lambda of: entered(of, caller, space, role))


async def entered(of: AsyncConnection, caller: Caller, space: str, role: SpaceRole) -> Any:
    """Return the row of a space that the caller may enter, with their `role`, if they have one."""
    _check_scope(caller, role)
    row = await standing(of, caller, space)
    if row is None or not (row.public or row.role) or not (row.active or row.role == "owner"):
        raise unknown(space)
    if RANK[row.role or "viewer"] < RANK[role]:
        known = caller.user is not None
        raise NotAllowed(f"That takes the role '{role}' in this space.", known=known)
    return row


async def standing(of: AsyncConnection, caller: Caller, space: str) -> Any:
    """Return the row of a space with the caller's role there; None if there is no such space."""
    number = number_of(space)
    return (await of.execute(with_role(caller).where(spaces.c.space == number))).first()


def with_role(caller: Caller) -> Any:
    """Return the question for spaces, each with the caller's role there."""
    account = caller.account if isinstance(caller, Member) else NO_ACCOUNT
    mine = and_(members.c.space == spaces.c.space, members.c.account == account)
    return select(*spaces.c, members.c.role).select_from(spaces.outerjoin(members, mine))


def unknown(space: str) -> Rejected:
    """Return the refusal, the same for a space that is not there and one that is not theirs."""
    said = f"there is no space {space[:40]} that you may see"
    return Rejected(f"space: {said}", 404, {"space": said})


def number_of(text: str) -> int:
    """Return the number that a path names; of what is no number, one that no space has."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else -1


def _check_scope(caller: Caller, role: SpaceRole) -> None:
    wanted = "look" if role == "viewer" else "read"
    if wanted not in caller.scopes:
        if caller.user is None:
            raise NotAllowed("Sign in first.", known=False)
        raise NotAllowed(f"That takes the right '{wanted}'.", known=True)


async def ensure_world(database: Database, privacy: PrivacySettings) -> None:
    """Make the world where it is not yet; it asks for what the settings say now."""
    asked: dict[str, Any] = {
        "least": privacy.least,
        "window_s": privacy.window_s,
        "epsilon": privacy.epsilon,
    }
    row = {"space": WORLD, "name": "World", "kind": "world", "public": True, "active": True}

    async def job(to: AsyncConnection) -> None:
        if not await insert_new(to, spaces, {**row, **asked, "created": now_ms()}):
            await to.execute(spaces.update().where(spaces.c.space == WORLD).values(**asked))

    await database.write(job)
