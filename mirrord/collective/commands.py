"""What the command line does with accounts, and the check of the settings."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.audit import COMMAND, note
from mirrord.collective.bus import Bus
from mirrord.collective.database import Database
from mirrord.collective.housekeeping import keep_house
from mirrord.collective.migrations import upgrade
from mirrord.collective.people.book import COLUMNS, AccountBook, Also
from mirrord.collective.people.records import Account
from mirrord.collective.publishing.publisher import Publisher
from mirrord.collective.schema import accounts as table
from mirrord.collective.serve import bus_of, database_url
from mirrord.collective.settings import Settings
from mirrord.credentials import names, secrets
from mirrord.credentials.people import NewUser
from mirrord.errors import MirrorError

BUS_S: Final = 5.0
Finding = tuple[str, str, bool]  # what, how it is, whether that is good


async def accounts(database: Database) -> list[tuple[str, ...]]:
    """Return a line for each account, the oldest first."""
    query = select(*COLUMNS).order_by(table.c.joined)
    rows = await database.read(lambda of: of.execute(query))
    return [_line(Account(*row)) for row in rows]


async def add_account(database: Database, name: str, password: str, is_admin: bool) -> Account:
    """Add somebody. Raises Unacceptable."""
    new = names.checked(NewUser(name, password))
    hashed = await asyncio.to_thread(secrets.stretched, password)
    also = _noted("add admin" if is_admin else "add", new.username)
    return await AccountBook(database).add(new, hashed, is_admin=is_admin, also=also)


async def set_password(database: Database, name: str, password: str) -> None:
    """Set a new one; every session ends. Raises Unacceptable and MirrorError."""
    account = await known(database, name)
    names.check_password(password, account.username)
    hashed = await asyncio.to_thread(secrets.stretched, password)
    also = _noted("password", account.username)
    await AccountBook(database).set_password(account.account, hashed, also=also)


async def set_admin(database: Database, name: str, is_admin: bool) -> None:
    """Say whether somebody is an administrator. Raises MirrorError."""
    account = await known(database, name)
    also = _noted(f"is_admin={str(is_admin).lower()}", account.username)
    await AccountBook(database).set_admin(account.account, is_admin, also)


async def set_active(database: Database, name: str, active: bool) -> None:
    """Say whether somebody is let in. Raises MirrorError."""
    account = await known(database, name)
    also = _noted(f"active={str(active).lower()}", account.username)
    await AccountBook(database).set_active(account.account, active, also)


async def brought_up(database: Database, settings: Settings) -> tuple[int, int]:
    """Publish what is due and delete what is old; return how many figures and sessions."""
    async with bus_of(settings) as bus:
        await _reached(bus)
        shown = await Publisher(database, bus).once()
    return shown, await keep_house(database, settings.database.keep_days)


async def known(database: Database, name: str) -> Account:
    """Return an account by its name. Raises MirrorError."""
    found = await AccountBook(database).find(name)
    if found is None:
        raise MirrorError(f"there is no account {name!r}; `mirrord collective user list` has all")
    return found[0]


async def checked(settings: Settings) -> list[Finding]:
    """Return what holds and what does not."""
    found: list[Finding] = [("Settings", settings.file or "the defaults", True)]
    try:
        kept = settings.database
        async with Database.open(database_url(settings), kept.connections) as database:
            await upgrade(database)
            found.append(("Database", f"{database.dialect}, its tables are the newest", True))
    except MirrorError as error:
        found.append(("Database", str(error), False))
    if settings.bus.url:
        found.append(await _bus(settings))
    if not settings.server.public_url:
        said = "[server] public_url is not set: links name the address that was asked"
        found.append(("Address", said, True))
    return found


async def _bus(settings: Settings) -> Finding:
    """Return whether Redis answers within some seconds."""
    try:
        async with bus_of(settings) as bus:
            await _reached(bus)
            return ("Bus", bus.problem or "Redis answers", not bus.problem)
    except (MirrorError, ValueError) as error:
        return ("Bus", str(error), False)


async def _reached(bus: Bus) -> None:
    """Wait until it answers, but not for long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(BUS_S):
            while bus.problem:
                await asyncio.sleep(0.05)


def _noted(act: str, name: str) -> Also:
    """Return what writes to the log, in the transaction of the act, that a command did it."""

    async def also(to: AsyncConnection) -> None:
        query = select(table.c.account).where(table.c.folded == names.folded(name))
        await note(to, None, COMMAND, act, "user", str(await to.scalar(query)), name)

    return also


def _line(account: Account) -> tuple[str, ...]:
    since = datetime.fromtimestamp(account.joined / 1000, UTC).date().isoformat()
    admin, active = ("yes" if one else "" for one in (account.is_admin, account.active))
    return account.username, account.email, admin, active, since
