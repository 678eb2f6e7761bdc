"""Everything of an account as lines of JSON, a few hundred rows at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
from sqlalchemy import Table, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.database import Database
from mirrord.collective.people.records import iso
from mirrord.collective.schema import (
    accounts,
    contributions,
    counters,
    keys,
    members,
    mirror_spaces,
    mirrors,
    readings,
    sessions,
    spaces,
    tallies,
    tombstones,
)

_ROWS: Final = 500
# Hashes of secrets are no use to anybody but a thief.
_SECRETS: Final = {"password", "digest", "next_digest", "next_expires", "folded"}
_TIMES: Final = {"at", "started", "last_activity", "joined", "created", "seen", "expires"} | {
    "enrolled",
    "last_sync",
    "start",
}
# Of what a reading adds up to (quarters, hours, extremes of cohorts) there is nothing new to tell.
TABLES: Final[tuple[tuple[str, Table], ...]] = (
    ("account", accounts),
    ("key", keys),
    ("mirror", mirrors),
    ("membership", members),
    ("mirror_in_space", mirror_spaces),
    ("session", sessions),
    ("reading", readings),
    ("tally", tallies),
    ("counted", counters),
    ("erased_session", tombstones),
    ("contribution", contributions),
)


async def everything(database: Database, account: int) -> AsyncIterator[bytes]:
    """Yield lines: what each is stands in `kind`; the last one counts them, so none is missed."""
    count: Counter[str] = Counter()
    names = await database.read(lambda of: _space_names(of, account))
    for kind, table in TABLES:
        async for row in _rows(database, table, account):
            count[kind] += 1
            yield _line(kind, row, names)
    yield msgspec.json.encode({"kind": "end", "counts": count}) + b"\n"


async def _rows(database: Database, table: Table, account: int) -> AsyncIterator[dict[str, Any]]:
    """Yield the account's rows in the order of the table's key, each stretch a read of its own."""
    key = [column for column in table.primary_key if column.name != "account"]
    after: tuple[Any, ...] | None = None
    while True:
        query = select(table).where(table.c.account == account).limit(_ROWS)
        if key:
            query = query.order_by(*key)
        if after is not None:
            query = query.where(tuple_(*key) > after)
        found = await database.read(_asked(query))
        for row in found:
            yield row
        if len(found) < _ROWS or not key:
            return
        after = tuple(found[-1][column.name] for column in key)


def _asked(query: Any) -> Callable[[AsyncConnection], Any]:
    async def job(of: AsyncConnection) -> list[dict[str, Any]]:
        return [dict(row) for row in (await of.execute(query)).mappings()]

    return job


async def _space_names(of: AsyncConnection, account: int) -> dict[int, str]:
    query = select(spaces.c.space, spaces.c.name).join(members, members.c.space == spaces.c.space)
    return {int(n): name for n, name in await of.execute(query.where(members.c.account == account))}


def _line(kind: str, row: dict[str, Any], names: dict[int, str]) -> bytes:
    told: dict[str, Any] = {"kind": kind}
    for name, value in row.items():
        if name in _SECRETS:
            continue
        told["is" if name == "kind" else name] = _told(name, value)
    if "space" in row:
        told["space_name"] = names.get(row["space"], "")
    return msgspec.json.encode(told) + b"\n"


def _told(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in ("response", "course"):
        return msgspec.json.decode(value)
    if name in _TIMES and isinstance(value, int):
        return iso(value)
    return str(value) if name in ("account", "mirror", "space", "session", "number") else value
