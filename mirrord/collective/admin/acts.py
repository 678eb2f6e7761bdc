"""What an administrator does, each with its note in the log, in one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.reply import Rejected
from mirrord.collective.admin.deleting import erase_mirror, erase_reading, erase_sessions
from mirrord.collective.audit import note
from mirrord.collective.caller import Member
from mirrord.collective.database import Database
from mirrord.collective.people.erasing import erase
from mirrord.collective.publishing.withdrawing import withdraw_figure
from mirrord.collective.schema import (
    WORLD,
    accounts,
    contributions,
    keys,
    mirror_spaces,
    mirrors,
    readings,
    sessions,
    spaces,
)
from mirrord.collective.spaces.book import remove


class Acts:
    """What `who` does. Every method raises Rejected (404) for what is not there."""

    def __init__(self, database: Database, who: Member) -> None:
        self._database = database
        self._who = who

    async def change_user(self, account: int, changes: dict[str, bool]) -> None:
        """Let somebody in or not, make them an administrator or not."""
        self._not_oneself(account)

        async def job(to: AsyncConnection) -> None:
            mine = accounts.c.account == account
            name = await to.scalar(select(accounts.c.username).where(mine))
            if name is None or not changes:
                raise _missing("account")
            await to.execute(update(accounts).where(mine).values(**changes))
            if changes.get("active") is False:
                await to.execute(delete(keys).where(keys.c.account == account))
            for key, value in changes.items():
                await self._note(to, f"{key}={str(value).lower()}", "user", str(account), name)

        await self._database.write(job)

    async def delete_user(self, account: int) -> dict[str, int]:
        """Erase somebody's account; the log keeps its number, not its name."""
        self._not_oneself(account)
        there = select(accounts.c.account).where(accounts.c.account == account)
        if await self._database.read(lambda of: of.scalar(there)) is None:
            raise _missing("account")
        return await erase(
            self._database, account, lambda to: self._note(to, "delete", "user", str(account))
        )

    async def set_mirror(self, account: int, mirror: int, active: bool) -> None:
        """Let a mirror send or not."""

        async def job(to: AsyncConnection) -> None:
            which = (mirrors.c.account == account) & (mirrors.c.mirror == mirror)
            done = await to.execute(update(mirrors).where(which).values(active=active))
            if not done.rowcount:
                raise _missing("mirror")
            if not active:
                here = (mirror_spaces.c.account == account) & (mirror_spaces.c.mirror == mirror)
                await to.execute(delete(mirror_spaces).where(here))
            await self._note(to, _switched(active), "mirror", f"{account}/{mirror}")

        await self._database.write(job)

    async def delete_mirror(self, account: int, mirror: int) -> dict[str, int]:
        """Delete a mirror and all that it has sent."""

        async def job(to: AsyncConnection) -> dict[str, int]:
            gone = await erase_mirror(to, account, mirror)
            if not gone["mirrors"]:
                raise _missing("mirror")
            await self._note(to, "delete", "mirror", f"{account}/{mirror}", _counts(gone))
            return gone

        return await self._database.write(job)

    async def set_space(self, space: int, active: bool) -> None:
        """Let a space be shown or not."""
        if space == WORLD:
            raise Rejected("space: the world stays", 409)

        async def job(to: AsyncConnection) -> None:
            mine = spaces.c.space == space
            name = await to.scalar(select(spaces.c.name).where(mine))
            if name is None:
                raise _missing("space")
            await to.execute(update(spaces).where(mine).values(active=active))
            if not active:  # windows that are half full are given up
                await to.execute(delete(contributions).where(contributions.c.space == space))
            await self._note(to, _switched(active), "space", str(space), name)

        await self._database.write(job)

    async def delete_space(self, space: int) -> None:
        """Delete a space and what was published of it."""

        async def job(to: AsyncConnection) -> None:
            if await to.scalar(select(spaces.c.name).where(spaces.c.space == space)) is None:
                raise _missing("space")
            await remove(to, space)
            await self._note(to, "delete", "space", str(space))

        await self._database.write(job)

    async def end_session(self, account: int, session: int) -> None:
        async def job(to: AsyncConnection) -> None:
            which = (sessions.c.account == account) & (sessions.c.session == session)
            done = await to.execute(update(sessions).where(which).values(is_active=False))
            if not done.rowcount:
                raise _missing("session")
            await self._note(to, "deactivate", "session", f"{account}/{session}")

        await self._database.write(job)

    async def delete_session(self, account: int, session: int) -> dict[str, int]:
        """Delete a session with its readings and all that they add up to."""

        async def job(to: AsyncConnection) -> dict[str, int]:
            which = (sessions.c.account == account) & (sessions.c.session == session)
            if not await to.scalar(select(func.count()).select_from(sessions).where(which)):
                raise _missing("session")
            gone = await erase_sessions(to, account, [session])
            await self._note(to, "delete", "session", f"{account}/{session}", _counts(gone))
            return gone

        return await self._database.write(job)

    async def delete_reading(self, account: int, reading: UUID) -> None:
        """Delete a reading with the response to it, and take it out of what it adds up to."""

        async def job(to: AsyncConnection) -> None:
            which = (readings.c.account == account) & (readings.c.id == reading)
            row = (await to.execute(select(readings).where(which))).mappings().first()
            if row is None:
                raise _missing("reading")
            await erase_reading(to, dict(row))
            await self._note(to, "delete", "reading", f"{account}/{reading}")

        await self._database.write(job)

    async def delete_figure(self, space: int, start: int) -> None:
        """Take a published figure back."""

        async def job(to: AsyncConnection) -> None:
            if not await withdraw_figure(to, space, start):
                raise _missing("figure")
            await self._note(to, "delete", "figure", f"{space}/{start}")

        await self._database.write(job)

    async def _note(
        self, to: AsyncConnection, act: str, kind: str, subject: str, detail: str = ""
    ) -> None:
        await note(to, self._who.account, self._who.username, act, kind, subject, detail)

    def _not_oneself(self, account: int) -> None:
        """So that there is always an administrator."""
        if account == self._who.account:
            raise Rejected("account: nobody does that to themselves here", 409)


def _missing(what: str) -> Rejected:
    return Rejected(f"{what}: there is none of that number", 404)


def _switched(active: bool) -> str:
    return "activate" if active else "deactivate"


def _counts(gone: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in gone.items())
