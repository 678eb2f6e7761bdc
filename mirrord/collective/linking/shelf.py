"""The mirrors of an account, for its owner and for themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.caller import Mirror
from mirrord.collective.database import Database
from mirrord.collective.folding import spaces_of, withdraw
from mirrord.collective.linking.enrol import space_names
from mirrord.collective.linking.erasing import erase_all
from mirrord.collective.people.records import iso
from mirrord.collective.schema import mirror_spaces, mirrors, sessions, tallies
from mirrord.sync_wire import Erased, Itself


class MirrorShelf:
    """What is done with mirrors. Every method raises Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_account(self, account: int) -> list[dict[str, Any]]:
        """Return the mirrors that hold, as they are answered, the newest first."""

        async def job(of: AsyncConnection) -> list[dict[str, Any]]:
            query = (
                select(mirrors)
                .where(mirrors.c.account == account, mirrors.c.active)
                .order_by(mirrors.c.enrolled.desc())
            )
            rows = (await of.execute(query)).all()
            return [_shown(row, await space_names(of, account, row.mirror)) for row in rows]

        return await self._database.read(job)

    async def rename(self, account: int, mirror: int, name: str) -> bool:
        """Give it another name; False if the account has no such mirror."""
        change = update(mirrors).where(_which(account, mirror)).values(name=name)
        done = await self._database.write(lambda to: to.execute(change))
        return bool(done.rowcount)

    async def revoke(self, account: int, mirror: int) -> bool:
        """End its credential and take it out of every space; what it sent stays."""
        return await self._database.write(lambda to: _revoke(to, account, mirror))

    async def itself(self, who: Mirror) -> Itself:
        """Return what is known of a mirror, to itself."""

        async def job(of: AsyncConnection) -> Itself:
            row = (await of.execute(select(mirrors).where(_which(who.account, who.mirror)))).one()
            mine = (sessions.c.account == who.account) & (sessions.c.mirror == who.mirror)
            count = await of.scalar(select(func.count()).select_from(sessions).where(mine))
            joined = (tallies.c.account == sessions.c.account) & (
                tallies.c.session == sessions.c.session
            )
            held = select(func.count()).select_from(tallies.join(sessions, joined)).where(mine)
            return Itself(
                str(row.mirror),
                row.name,
                who.user or "",
                tuple(await space_names(of, who.account, who.mirror)),
                row.expires,
                row.enrolled,
                row.last_sync,
                int(await of.scalar(held) or 0),
                int(count or 0),
            )

        return await self._database.read(job)

    async def erase(self, who: Mirror) -> Erased:
        """Delete everything that a mirror has sent, and end its credential."""

        async def job(to: AsyncConnection) -> Erased:
            gone = await erase_all(to, who)
            into = await spaces_of(to, who.account, who.mirror, who.contributes)
            await withdraw(to, who.account, into)
            await _revoke(to, who.account, who.mirror)
            return Erased(*gone)

        return await self._database.write(job)


def _which(account: int, mirror: int) -> Any:
    return (mirrors.c.account == account) & (mirrors.c.mirror == mirror) & mirrors.c.active


async def _revoke(to: AsyncConnection, account: int, mirror: int) -> bool:
    done = await to.execute(
        update(mirrors)
        .where(_which(account, mirror))
        .values(active=False, next_digest=None, next_expires=None)
    )
    joined = (mirror_spaces.c.account == account) & (mirror_spaces.c.mirror == mirror)
    await to.execute(delete(mirror_spaces).where(joined))
    return bool(done.rowcount)


def _shown(row: Any, names: Any) -> dict[str, Any]:
    return {
        "id": str(row.mirror),
        "name": row.name,
        "version": row.version,
        "enrolled": iso(row.enrolled),
        "last_sync": None if row.last_sync is None else iso(row.last_sync),
        "expires": iso(row.expires),
        "spaces": list(names),
    }
