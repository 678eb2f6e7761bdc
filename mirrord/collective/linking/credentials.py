"""What a mirror bears: its account, its number and a secret, so that it is found by its key."""

from __future__ import annotations

import hmac
import re
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.caller import Mirror
from mirrord.collective.database import Database
from mirrord.collective.numbers import now_ms
from mirrord.collective.schema import accounts, mirrors
from mirrord.credentials import secrets

_FORM: Final = re.compile(r"mm1\.(\d{1,18})\.(\d{1,18})\.([\w-]{20,100})")
DAY_MS: Final = 86_400_000


def written(account: int, mirror: int, secret: str) -> str:
    """Return a credential as the mirror keeps it."""
    return f"mm1.{account}.{mirror}.{secret}"


class Credentials:
    """Recognises mirrors. A new credential takes the old one's place when it is first used."""

    def __init__(self, database: Database, days: float) -> None:
        self._database = database
        self._ms = int(days * DAY_MS)

    def expires(self) -> int:
        """Return when a credential that is given now ends."""
        return now_ms() + self._ms

    async def find(self, credential: str) -> Mirror | None:
        """Return the mirror of a credential that holds."""
        match = _FORM.fullmatch(credential)
        if match is None:
            return None
        account, mirror = int(match[1]), int(match[2])
        row = await self._database.read(lambda of: _row(of, account, mirror))
        if row is None:
            return None
        digest = secrets.digest(match[3])
        is_next = row.next_digest is not None and hmac.compare_digest(row.next_digest, digest)
        expires = int(row.next_expires if is_next else row.expires)
        if not (is_next or hmac.compare_digest(row.digest, digest)) or expires <= now_ms():
            return None
        if is_next:
            await self._database.write(lambda to: _promote(to, account, mirror, digest))
        return Mirror(
            row.username,
            "mirror",
            frozenset(),
            account=account,
            mirror=mirror,
            contributes=bool(row.contributes),
            expires=expires,
        )

    async def rotate(self, who: Mirror) -> tuple[str, int]:
        """Return a new credential and its end; the old one holds until this one is used."""
        secret, ends = secrets.new_key(), self.expires()
        values = {"next_digest": secrets.digest(secret), "next_expires": ends}
        which = (mirrors.c.account == who.account) & (mirrors.c.mirror == who.mirror)
        await self._database.write(
            lambda to: to.execute(update(mirrors).where(which).values(**values))
        )
        return written(who.account, who.mirror, secret), ends


async def _row(of: AsyncConnection, account: int, mirror: int) -> Any:
    query = (
        select(
            mirrors.c.digest,
            mirrors.c.next_digest,
            mirrors.c.expires,
            mirrors.c.next_expires,
            accounts.c.username,
            accounts.c.contributes,
        )
        .join(accounts, accounts.c.account == mirrors.c.account)
        .where(mirrors.c.account == account, mirrors.c.mirror == mirror)
        .where(mirrors.c.active, accounts.c.active)
    )
    return (await of.execute(query)).first()


async def _promote(to: AsyncConnection, account: int, mirror: int, digest: bytes) -> None:
    which = (
        (mirrors.c.account == account)
        & (mirrors.c.mirror == mirror)
        & (mirrors.c.next_digest == digest)
    )
    await to.execute(
        update(mirrors)
        .where(which)
        .values(
            digest=mirrors.c.next_digest,
            expires=mirrors.c.next_expires,
            next_digest=None,
            next_expires=None,
        )
    )
