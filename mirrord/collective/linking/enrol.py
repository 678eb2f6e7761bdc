"""A mirror comes to belong to an account: it shows a code, and somebody confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.api.reply import Rejected
from mirrord.collective.database import Database
from mirrord.collective.linking.credentials import Credentials, written
from mirrord.collective.numbers import new_number, now_ms
from mirrord.collective.schema import accounts, enrolments, mirror_spaces, mirrors, spaces
from mirrord.credentials import secrets
from mirrord.sync_wire import Claimed, Enrol, Enrolling

VALID_S: Final = 900
_UNKNOWN: Final = "code: there is no mirror that shows this code now; codes hold for 15 minutes"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mirror that shows a code."""

    name: str
    version: str

    def shown(self) -> dict[str, str]:
        return {"name": self.name, "version": self.version}


class Enrolment:
    """The way from a code to a credential."""

    def __init__(self, database: Database, credentials: Credentials, most: int) -> None:
        self._database = database
        self._credentials = credentials
        self._most = most

    async def begin(self, asked: Enrol, page: str) -> Enrolling:
        """Return the code that a mirror shows, and the secret by which it asks how it went."""
        code, claim, now = secrets.new_code(), secrets.new_key(), now_ms()
        row = {
            "digest": secrets.digest(claim),
            "code": secrets.digest(secrets.plain_code(code)),
            "name": asked.name,
            "version": asked.version,
            "state": "waiting",
            "expires": now + VALID_S * 1000,
        }

        async def job(to: AsyncConnection) -> None:
            await to.execute(delete(enrolments).where(enrolments.c.expires <= now))
            await to.execute(insert(enrolments), row)

        await self._database.write(job)
        return Enrolling(code, claim, VALID_S, page)

    async def look(self, code: str) -> Waiting:
        """Return the mirror that shows a code. Raises Rejected."""
        row = await self._database.read(lambda of: _waiting(of, code))
        return Waiting(row.name, row.version)

    async def confirm(self, account: int, code: str) -> int:
        """Let the mirror that shows a code belong to an account; return its number."""

        async def job(to: AsyncConnection) -> int:
            row = await _waiting(to, code)
            count = await to.execute(
                select(mirrors.c.mirror).where(mirrors.c.account == account, mirrors.c.active)
            )
            if len(count.all()) >= self._most:
                raise Rejected(f"code: an account may have {self._most} mirrors at most")
            mirror = new_number()
            await to.execute(insert(mirrors), _mirror(account, mirror, row))
            values = {"state": "linked", "account": account, "mirror": mirror}
            await to.execute(_settle(row.digest, values))
            return mirror

        return await self._database.write(job)

    async def refuse(self, code: str) -> None:
        """Let the mirror that shows a code know that it is not wanted."""

        async def job(to: AsyncConnection) -> None:
            row = await _waiting(to, code)
            await to.execute(_settle(row.digest, {"state": "refused"}))

        await self._database.write(job)

    async def claim(self, claim: str) -> Claimed:
        """Return how it went; the credential again and again until it was used once."""
        ends = self._credentials.expires()
        return await self._database.write(lambda to: _claimed(to, secrets.digest(claim), ends))


async def _waiting(of: AsyncConnection, code: str) -> Any:
    which = enrolments.c.code == secrets.digest(secrets.plain_code(code))
    query = select(enrolments).where(which, enrolments.c.expires > now_ms()).with_for_update()
    row = (await of.execute(query)).first()
    if row is None or row.state != "waiting":
        raise Rejected(_UNKNOWN, 404, {"code": _UNKNOWN.partition(": ")[2]})
    return row


def _settle(digest: bytes, values: dict[str, Any]) -> Any:
    return update(enrolments).where(enrolments.c.digest == digest).values(**values)


def _mirror(account: int, mirror: int, row: Any) -> dict[str, Any]:
    return {
        "account": account,
        "mirror": mirror,
        "name": row.name,
        "version": row.version,
        "digest": secrets.digest(secrets.new_key()),  # of nobody: claiming gives the real one
        "expires": 0,
        "enrolled": now_ms(),
        "active": True,
    }


async def _claimed(to: AsyncConnection, digest: bytes, ends: int) -> Claimed:
    query = select(enrolments).where(enrolments.c.digest == digest)
    row = (await to.execute(query.where(enrolments.c.expires > now_ms()))).first()
    if row is None:
        return Claimed("expired")
    if row.state in ("waiting", "refused"):
        return Claimed(row.state)
    which = (mirrors.c.account == row.account) & (mirrors.c.mirror == row.mirror)
    mirror = (await to.execute(select(mirrors).where(which).with_for_update())).first()
    if mirror is None or mirror.expires:  # a credential was used already
        return Claimed("expired")
    secret = secrets.new_key()
    values = {"next_digest": secrets.digest(secret), "next_expires": ends}
    await to.execute(update(mirrors).where(which).values(**values))
    user = await to.scalar(select(accounts.c.username).where(accounts.c.account == row.account))
    names = await space_names(to, row.account, row.mirror)
    credential = written(row.account, row.mirror, secret)
    return Claimed("linked", str(row.mirror), credential, ends, str(user), tuple(names))


async def space_names(of: AsyncConnection, account: int, mirror: int) -> Sequence[str]:
    """Return the names of the spaces that a mirror is in."""
    query = (
        select(spaces.c.name)
        .join(mirror_spaces, mirror_spaces.c.space == spaces.c.space)
        .where(mirror_spaces.c.account == account, mirror_spaces.c.mirror == mirror)
        .order_by(spaces.c.name)
    )
    return list((await of.execute(query)).scalars())
