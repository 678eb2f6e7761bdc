"""Insert, or add to what is there: the one statement that every rollup is kept by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

_MODULES: Final = {"sqlite": sqlite, "postgresql": postgresql}
Row = Mapping[str, Any]


async def add_up(
    connection: AsyncConnection, table: Table, rows: Iterable[Row], keep: Collection[str] = ()
) -> None:
    """Insert rows; where a key is there, add the numbers.

    Of columns called `..._low` the lower is kept, of `..._high` the higher; columns in `keep`
    take the newer value. Rows of one key must have been added up before.
    """
    values = [dict(row) for row in rows]
    if not values:
        return
    key = [column.name for column in table.primary_key]
    # In the order of the keys, so that two who write the same rows never wait for each other.
    values.sort(key=lambda row: [row[name] for name in key])
    statement = _adding(connection.dialect.name, table, tuple(values[0]), frozenset(keep))
    await connection.execute(statement, values)


@cache
def _adding(dialect: str, table: Table, names: tuple[str, ...], keep: frozenset[str]) -> Any:
    """Return the statement; making it takes longer than running it."""
    statement = _MODULES[dialect].insert(table)
    key = [column.name for column in table.primary_key]
    changes = {
        name: _merged(dialect, table, statement, name, keep) for name in names if name not in key
    }
    return statement.on_conflict_do_update(index_elements=key, set_=changes)


async def insert_new(connection: AsyncConnection, table: Table, row: Row) -> bool:
    """Insert a row unless its key is there; return whether it was new."""
    result = await connection.execute(_inserting(connection.dialect.name, table), dict(row))
    return bool(result.rowcount)


@cache
def _inserting(dialect: str, table: Table) -> Any:
    return _MODULES[dialect].insert(table).on_conflict_do_nothing()


async def put(connection: AsyncConnection, table: Table, row: Row) -> None:
    """Insert a row, in place of one with its key."""
    statement = _MODULES[connection.dialect.name].insert(table).values(dict(row))
    key = [column.name for column in table.primary_key]
    changes = {name: statement.excluded[name] for name in row if name not in key}
    await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes))


def _merged(dialect: str, table: Table, statement: Any, name: str, keep: Collection[str]) -> Any:
    old, new = table.c[name], statement.excluded[name]
    if name in keep:
        return new
    if not name.endswith(("_low", "_high")):
        return old + new
    both = (func.coalesce(old, new), new)
    if name.endswith("_low"):
        return func.min(*both) if dialect == "sqlite" else func.least(*both)
    return func.max(*both) if dialect == "sqlite" else func.greatest(*both)
