"""A file of an older mirror is brought up to date, and one step at a time."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest
from sqlite_utils import Database

from mirrord.store import Store
from mirrord.store.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of
from tests.store_kit import EVER, START, after

FIRST = (Path(__file__).parent / "data" / "store_v1.sql").read_text(encoding="utf-8")


def old_file(path: Path) -> None:
    """Make the file that the first schema wrote: two sessions, four readings, one not folded."""
    database = sqlite3.connect(path)
    database.executescript(FIRST)
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute("PRAGMA user_version = 1")
    database.close()


async def test_an_old_file_keeps_everything_and_learns_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "mirror.sqlite3"
    old_file(path)
    async with Store.open(path) as store:
        readings = await store.readings()
        two, one = await store.sessions()
        by_minute = await store.minutes(**EVER)
        assert await store.get_setting("controls") == {"camera": False}
        assert [entry.state for entry in await store.camera_log()] == ["off"]
        assert len(await store.responses()) == 2
    assert [record.track for record in readings] == [3, 2, 1, 0]
    assert readings[0].id == UUID("00000000-0004-8aaa-9bbb-0123456789ab")
    assert [aggregate.readings for aggregate in by_minute] == [3, 1]
    assert (one.total_readings, one.start_time, one.last_activity) == (3, START, after(3))
    assert (two.total_readings, two.is_active, two.last_activity) == (1, False, after(90))
    database = Database(path)
    assert version_of(database) == len(MIGRATIONS)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


def test_the_first_migration_is_never_edited(tmp_path: Path) -> None:
    def tables(database: sqlite3.Connection) -> dict[str, str]:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        return {name: re.sub(r"\s+", " ", sql) for name, sql in database.execute(query)}

    old_file(tmp_path / "old.sqlite3")
    old, new = sqlite3.connect(tmp_path / "old.sqlite3"), Database(memory=True)
    migrate(new, MIGRATIONS[:1])
    assert tables(new.conn) == tables(old)
    old.close()
    new.close()


def test_a_step_that_fails_leaves_no_trace() -> None:
    def failing(database: Database) -> None:
        database.execute("CREATE TABLE half (done)")
        raise sqlite3.OperationalError("the lights went out")

    database = Database(memory=True)
    with pytest.raises(sqlite3.OperationalError, match="the lights went out"):
        migrate(database, [*MIGRATIONS, failing])
    assert version_of(database) == len(MIGRATIONS)
    assert "half" not in database.table_names()
    migrate(database)
    assert version_of(database) == len(MIGRATIONS)
    database.close()
