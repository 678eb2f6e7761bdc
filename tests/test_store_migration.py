"""A file of an older mirror is brought up to date, and one step at a time."""

from __future__ import annotations

import random
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlite_utils import Database

from mirrord.model import EXPRESSIONS
from mirrord.store import Store
from mirrord.store.codec import COLUMNS, row_of, to_ms
from mirrord.store.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of
from mirrord.store.tally import tally_sql
from tests.store_dump import as_kept, folded_anew
from tests.store_kit import EVER, START, after, reading, response

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


def test_analytics_of_an_old_file_are_those_of_folding_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "mirror.sqlite3"
    aged_file(path, 700, 650)
    database = Database(path)
    migrate(database)
    assert version_of(database) == len(MIGRATIONS)
    database.close()
    kept = as_kept(path)
    assert kept == folded_anew(path)
    assert all(kept[table] for table in ("quarters", "halves", "courses", "transitions", "faces"))


def aged_file(path: Path, readings: int, folded: int) -> None:
    """Make a file of the first schema with two sessions of two faces, not all of it folded."""
    rng = random.Random(4)
    database = Database(sqlite3.connect(path, isolation_level=None))
    migrate(database, MIGRATIONS[:1])
    for number in (1, 2):
        values = [number, f"s{number}", to_ms(START), to_ms(START), 0, "mirror"]
        database.execute(
            "INSERT INTO sessions (id, session_id, started, last_activity, is_active, device_type)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )
    first = [name for name in COLUMNS if name != "user"]
    at = START
    for number in range(1, readings + 1):
        at += timedelta(seconds=rng.choice((0, 1, 1, 1, 5, 61, -3, 4000)))
        moods = {name: round(rng.random(), 2) for name in ("joy", "calm", "energy", "melancholy")}
        seen = reading(at, **moods, track=rng.randint(1, 2), expression=rng.choice(EXPRESSIONS))
        row = row_of(seen, response() if number % 3 else None, at)[: len(first)]
        database.execute(
            f"INSERT INTO readings (id, session, {', '.join(first)})"
            f" VALUES (?, ?, {', '.join('?' * len(first))})",
            [number, rng.randint(1, 2), *row],
        )
    for table in ("minutes", "hours", "totals"):
        names = ", ".join(database.table(table).columns_dict)
        tally = tally_sql(table, "id <= ?")
        database.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM ({tally})", [folded])
    database.execute("UPDATE state SET value = ? WHERE key IN ('folded_to', 'kept')", [folded])
    database.close()
