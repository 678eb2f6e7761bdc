"""Sessions, logins and tokens in the database: the hash of each, never itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.caller import Scope
from mirrord.collective.caller import SCOPES, How
from mirrord.collective.database import Database
from mirrord.collective.folding import hold
from mirrord.collective.numbers import now_ms
from mirrord.collective.people.book import COLUMNS
from mirrord.collective.people.records import Account, Key
from mirrord.collective.schema import accounts, keys
from mirrord.credentials import secrets

MOST: Final = 50  # of one account and kind; the one that was used longest ago makes room
SEEN_EVERY_MS: Final = 600_000
_KEY: Final = tuple(keys.c[name] for name in Key.__dataclass_fields__)


class KeyRing:
    """What is done with keys. Every method raises Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.revoked: Callable[[], None] = _nothing  # told when keys end before their time

    async def begin(
        self,
        account: int,
        kind: How,
        days: float,
        name: str = "",
        scopes: Iterable[Scope] = SCOPES,
        origin: tuple[str, str] = ("", ""),
    ) -> tuple[Key, str]:
        """Return a new key and its secret, which nobody can be told a second time.

        `origin`: the address and the program that asked for it.
        """
        now, secret = now_ms(), secrets.new_key()
        ends = now + int(days * 86_400_000)
        address, agent = origin[0][:64], origin[1][:200]
        key = Key(
            secrets.new_handle(),
            account,
            kind,
            name,
            frozenset(scopes),
            now,
            now,
            ends,
            address,
            agent,
        )
        await self._database.write(lambda to: _insert(to, key, secret))
        return key, secret

    async def find(self, secret: str) -> tuple[Key, Account] | None:
        """Return a key that has not ended, and its account if that is active."""
        query = (
            select(*_KEY, *COLUMNS)
            .join(accounts, accounts.c.account == keys.c.account)
            .where(keys.c.digest == secrets.digest(secret), accounts.c.active)
        )
        row = (await self._database.read(lambda of: of.execute(query))).first()
        if row is None:
            return None
        key, now = _key(row[: len(_KEY)]), now_ms()
        if key.expires <= now:
            return None
        if now - key.seen > SEEN_EVERY_MS:
            seen = update(keys).where(keys.c.id == key.id).values(seen=now)
            await self._database.write(lambda to: to.execute(seen))
        return key, Account(*row[len(_KEY) :])

    async def of_account(self, account: int, kinds: Iterable[How]) -> list[Key]:
        """Return what has not ended, the newest first."""
        query = (
            select(*_KEY)
            .where(keys.c.account == account, keys.c.kind.in_(list(kinds)))
            .where(keys.c.expires > now_ms())
            .order_by(keys.c.created.desc(), keys.c.id)
        )
        return [_key(row) for row in await self._database.read(lambda of: of.execute(query))]

    async def revoke(self, account: int, key: str, kinds: Iterable[How]) -> bool:
        """End one key of an account; False if it has none of that id."""
        which = and_(keys.c.id == key, keys.c.account == account, keys.c.kind.in_(list(kinds)))
        done = await self._database.write(lambda to: to.execute(delete(keys).where(which)))
        self.revoked()
        return bool(done.rowcount)

    async def revoke_all(self, account: int, kinds: Iterable[How]) -> int:
        which = and_(keys.c.account == account, keys.c.kind.in_(list(kinds)))
        done = await self._database.write(lambda to: to.execute(delete(keys).where(which)))
        self.revoked()
        return int(done.rowcount)


def _nothing() -> None:
    pass


async def _insert(to: AsyncConnection, key: Key, secret: str) -> None:
    await hold(to, key.account)
    await to.execute(
        delete(keys).where(keys.c.account == key.account, keys.c.expires <= key.created)
    )
    crowd = (
        select(keys.c.digest)
        .where(keys.c.account == key.account, keys.c.kind == key.kind)
        .order_by(keys.c.seen.desc())
        .offset(MOST - 1)
    )
    if old := (await to.execute(crowd)).scalars().all():
        await to.execute(delete(keys).where(keys.c.digest.in_(old)))
    fields = {name: getattr(key, name) for name in Key.__dataclass_fields__}
    fields["scopes"] = " ".join(one for one in SCOPES if one in key.scopes)
    await to.execute(insert(keys).values(digest=secrets.digest(secret), **fields))


def _key(row: Any) -> Key:
    handle, account, kind, name, scopes, *rest = row
    kept = str(scopes).split()
    return Key(handle, account, kind, name, frozenset(o for o in SCOPES if o in kept), *rest)
