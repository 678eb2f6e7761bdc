"""The connection that questions are asked over."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from mirrord.store.asker import Asker


def words(path: Path, *values: str) -> None:
    database = Database(sqlite3.connect(path))
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE IF NOT EXISTS words (word TEXT)")
    for value in values:
        database.execute("INSERT INTO words VALUES (?)", [value])
    database.conn.commit()
    database.close()


def count(database: Database) -> int:
    found: int = database.execute("SELECT count(*) FROM words").fetchone()[0]
    return found


def slow(database: Database) -> None:
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    ).fetchone()


def test_every_question_sees_what_was_written_before_it(tmp_path: Path):
    path = tmp_path / "words.sqlite3"
    words(path, "one")
    asker = Asker(path, 5.0)
    assert asker.ask(count) == 1
    words(path, "two")
    assert asker.ask(count) == 2
    asker.close()
    assert asker.ask(count) == 2
    asker.close()


def test_a_file_that_takes_its_place_is_asked_instead(tmp_path: Path):
    path = tmp_path / "words.sqlite3"
    words(path, "one", "two")
    asker = Asker(path, 5.0)
    assert asker.ask(count) == 2
    for part in tmp_path.iterdir():
        part.rename(part.with_name("aside-" + part.name))
    with pytest.raises(sqlite3.Error):
        asker.ask(count)
    words(path, "new")
    assert asker.ask(count) == 1
    asker.close()


def test_a_question_that_takes_too_long_is_broken_off_and_the_next_one_answered(tmp_path: Path):
    path = tmp_path / "words.sqlite3"
    words(path, "one")
    asker = Asker(path, 0.2)
    with pytest.raises(sqlite3.Error, match="interrupted"):
        asker.ask(slow)
    assert asker.ask(count) == 1
    asker.close()


def test_nothing_can_be_written_over_it(tmp_path: Path):
    path = tmp_path / "words.sqlite3"
    words(path, "one")
    asker = Asker(path, 5.0)
    with pytest.raises(sqlite3.Error, match="readonly"):
        asker.ask(lambda database: database.execute("DELETE FROM words"))
    asker.close()
