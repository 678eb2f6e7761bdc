"""Databases of every released version come up to today's, and lose nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from mirrord.collective.database import Database, sqlite_url
from mirrord.collective.housekeeping import keep_house
from mirrord.collective.migrations import revision, upgrade
from mirrord.collective.schema import (
    accounts,
    counters,
    hours,
    metadata,
    quarters,
    readings,
    sessions,
    tallies,
)

OLD = Path(__file__).parent / "data" / "collective_0001.sql"


def old_file(folder: Path) -> Path:
    path = folder / "old.sqlite3"
    with sqlite3.connect(path) as file:
        file.executescript(OLD.read_text())
    file.close()
    return path


async def rows(database: Database, table: Any) -> list[Any]:
    found = await database.read(lambda of: of.execute(select(table)))
    return list(found)


async def test_an_old_file_comes_up_with_all_its_rows(tmp_path: Path):
    path = old_file(tmp_path)
    with sqlite3.connect(path) as file:
        before = {
            name: file.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in file.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'alembic%'"
            )
        }
    file.close()
    assert before["readings"] > 0
    assert before["tallies"] > 0
    async with Database.open(sqlite_url(path)) as database:
        await upgrade(database)
        await upgrade(database)
        assert await database.read(revision) != "0001"
        for name, count in before.items():
            assert len(await rows(database, metadata.tables[name])) == count


async def test_the_migrations_make_the_tables_that_the_program_knows(tmp_path: Path):
    async with Database.open(sqlite_url(tmp_path / "new.sqlite3")) as database:
        await upgrade(database)

        def differences(connection: Any) -> list[Any]:
            return compare_metadata(MigrationContext.configure(connection), metadata)

        assert await database.read(lambda of: of.run_sync(differences)) == []


async def test_what_is_older_than_asked_goes_with_its_sums(tmp_path: Path):
    async with Database.open(sqlite_url(old_file(tmp_path))) as database:
        await upgrade(database)
        assert await keep_house(database, 36_500) == 0
        await database.write(lambda to: to.execute(sessions.update().values(is_active=False)))
        assert await keep_house(database, 1e-9) > 0
        for table in (readings, sessions, tallies, hours, quarters):
            assert await rows(database, table) == []
        assert {row.value for row in await rows(database, counters)} == {0}
        assert await rows(database, accounts)
