"""Stores with readings to export or to forget, and a reader of exports that is not ours."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb

from mirrord.store import Store
from tests.store_kit import fill


async def filled(path: Path, **sessions: int) -> Path:
    """Make a store in which each session has so many readings, one session after the other."""
    first = 0
    async with Store.open(path) as store:
        for name, count in sessions.items():
            await fill(store, count, name, first)
            first += count
    return path


def multiply(path: Path, count: int) -> None:
    """Repeat the last reading until there are `count`, a second apart."""
    with sqlite3.connect(path) as database:
        names = [row[1] for row in database.execute("PRAGMA table_info(readings)")]
        kept = ", ".join(names[3:])
        database.execute(
            f"INSERT INTO readings (id, session, at, {kept})"
            " WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < ?)"
            f" SELECT id + n, session, at + n * 1000, {kept} FROM more JOIN (SELECT * FROM readings"
            " ORDER BY id DESC LIMIT 1) ORDER BY n",
            [count - database.execute("SELECT count(*) FROM readings").fetchone()[0]],
        )
    database.close()


def ask(question: str) -> list[tuple[Any, ...]]:
    """Ask DuckDB, which reads CSV, JSON and Parquet by its own lights and asks no network."""
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        return connection.sql(question).fetchall()
