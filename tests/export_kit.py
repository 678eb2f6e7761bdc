"""Stores with readings to export or to forget, and a reader of exports that is not ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from aiohttp import web

from mirrord.api.caller import NOBODY, Caller, Scope, set_caller
from mirrord.api.reply import Handler
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


def as_caller(*scopes: Scope) -> Callable[[web.Application], None]:
    """Return a part that gives whoever asks these rights; without any, it is nobody."""
    caller = Caller("somebody", "owner", frozenset(scopes)) if scopes else NOBODY

    @web.middleware
    async def sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        set_caller(request, caller)
        return await handler(request)

    return lambda app: app.middlewares.append(sign_in)
