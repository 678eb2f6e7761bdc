"""Accounts in the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.database import Database
from mirrord.collective.numbers import new_number, now_ms
from mirrord.collective.people.records import Account
from mirrord.collective.schema import accounts, counters, keys
from mirrord.credentials import names
from mirrord.credentials.people import NewUser, Unacceptable

COLUMNS: Final = tuple(accounts.c[name] for name in Account.__dataclass_fields__)
CHANGEABLE: Final = {"email", "first_name", "last_name", "contributes"}


Also = Callable[[AsyncConnection], Awaitable[None]]


async def nothing(_to: AsyncConnection) -> None:
    """Do nothing besides."""


class AccountBook:
    """What is done with accounts. Every method raises Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, new: NewUser, password: str, *, is_admin: bool = False, also: Also = nothing
    ) -> Account:
        """Add a checked user with the hash of their password. Raises Unacceptable.

        `also`, here and below, is done in the same transaction: a note in the log.
        """
        row: dict[str, Any] = {
            "account": new_number(),
            "username": new.username,
            "folded": names.folded(new.username),
            "email": new.email,
            "first_name": new.first_name,
            "last_name": new.last_name,
            "password": password,
            "is_admin": is_admin,
            "active": True,
            "contributes": True,
            "joined": now_ms(),
        }

        async def job(to: AsyncConnection) -> None:
            await to.execute(insert(accounts), row)
            await also(to)

        try:
            await self._database.write(job)
        except IntegrityError:
            raise Unacceptable("username", "there is a user of that name already") from None
        return Account(**{name: row[name] for name in Account.__dataclass_fields__})

    async def find(self, username: str) -> tuple[Account, str] | None:
        """Return an account by its name, and the hash of its password."""
        return await self._one(accounts.c.folded == names.folded(username))

    async def get(self, account: int) -> Account | None:
        found = await self._one(accounts.c.account == account)
        return found[0] if found else None

    async def change(self, account: int, changes: Mapping[str, Any]) -> None:
        """Change what somebody may change about themselves, already checked."""
        kept = {name: value for name, value in changes.items() if name in CHANGEABLE}
        if kept:
            await self._set(account, kept)

    async def set_password(
        self, account: int, password: str, keep: str = "", also: Also = nothing
    ) -> None:
        """Set the hash and end every session of theirs but the one named."""

        async def job(to: AsyncConnection) -> None:
            row = accounts.c.account == account
            await to.execute(update(accounts).where(row).values(password=password))
            others = (keys.c.account == account) & (keys.c.kind != "api") & (keys.c.id != keep)
            await to.execute(delete(keys).where(others))
            await also(to)

        await self._database.write(job)

    async def set_active(self, account: int, active: bool, also: Also = nothing) -> None:
        """Let somebody in again, or end all that they hold."""

        async def job(to: AsyncConnection) -> None:
            row = accounts.c.account == account
            await to.execute(update(accounts).where(row).values(active=active))
            if not active:
                await to.execute(delete(keys).where(keys.c.account == account))
            await also(to)

        await self._database.write(job)

    async def set_admin(self, account: int, is_admin: bool, also: Also = nothing) -> None:
        await self._set(account, {"is_admin": is_admin}, also)

    async def counted(self, account: int) -> dict[str, int]:
        """Return how much somebody has: readings (of their mirrors, too), sessions."""
        query = select(counters.c.name, counters.c.value).where(counters.c.account == account)
        rows = await self._database.read(lambda of: of.execute(query))
        found = {name: int(value) for name, value in rows}
        return {
            "total_readings": found.get("total", 0),
            "total_sessions": found.get("sessions", 0),
        }

    async def _one(self, where: Any) -> tuple[Account, str] | None:
        query = select(*COLUMNS, accounts.c.password).where(where)
        row = (await self._database.read(lambda of: of.execute(query))).first()
        return (Account(*row[:-1]), str(row[-1])) if row else None

    async def _set(self, account: int, values: Mapping[str, Any], also: Also = nothing) -> None:
        async def job(to: AsyncConnection) -> None:
            row = accounts.c.account == account
            await to.execute(update(accounts).where(row).values(**values))
            await also(to)

        await self._database.write(job)
