"""Rows by the million, made in the database by its own statements, as they would stand there."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Table, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics.aggregate import MEASURES
from mirrord.collective.database import Database
from mirrord.collective.numbers import now_ms, number_at
from mirrord.collective.schema import (
    BUCKET,
    LED,
    PEAKS,
    SUMS,
    TALLY,
    WORLD,
    hours,
    published,
    published_hours,
    quarters,
    readings,
    sessions,
    tallies,
)
from mirrord.collective.tally import HOUR_MS, MINUTE_MS, QUARTER_MS, high, tally_of_reading
from mirrord.model import MOODS

WINDOW_MS = 300_000  # of the world's figures
YEAR_MS = 365 * 86_400_000
OF_SESSION = 1000  # minutes
PIECE = 200_000
VALUES = (5000, 2500, 1250, 0, 4000, 1000)


async def fill_readings(database: Database, account: int, count: int) -> None:
    """Put readings into the session s0 of an account, which has one."""
    base = number_at(now_ms() - 3_600_000)
    columns = {
        "account": f"{account}",
        "number": f"{base} + i",
        "id": _uuid(database),
        "session": f"(SELECT session FROM sessions WHERE account = {account})",
        "at": f"{now_ms() - 3_600_000} + i",
        **dict(
            zip(
                ("joy", "calm", "energy", "melancholy", "valence", "arousal"),
                map(str, VALUES),
                strict=True,
            )
        ),
        "dominant": "0",
        "response": "(SELECT response FROM readings LIMIT 1)",
    }
    change = update(sessions).where(sessions.c.account == account)
    more = {"rows": sessions.c.rows + count, "total": sessions.c.total + count}

    async def job(to: AsyncConnection) -> None:
        await _fill(to, readings, columns, count)
        await to.execute(change.values(**more))

    await database.write_long(job)
    await _analyze(database)


async def fill_aggregates(database: Database, account: int, count: int) -> None:
    """Put minutes of a year into an account, in sessions of 1,000, with their rollups."""
    start = (now_ms() - YEAR_MS) // HOUR_MS * HOUR_MS
    apart = max(MINUTE_MS, YEAR_MS // max(1, count // OF_SESSION) // MINUTE_MS * MINUTE_MS)
    row = {name: str(value) for name, value in tally_of_reading(start, 0, VALUES).items()}
    first = 1_000_000
    minutes = {
        "account": f"{account}",
        "session": f"{first} + i / {OF_SESSION}",
        "width": "0",
        "start": f"{start} + (i / {OF_SESSION}) * {apart} + (i % {OF_SESSION}) * {MINUTE_MS}",
        **{name: row[name] for name in TALLY},
    }

    async def job(to: AsyncConnection) -> None:
        if database.dialect == "postgresql":
            await to.execute(text("SET LOCAL session_replication_role = replica"))
            await to.execute(text("SET LOCAL synchronous_commit = off"))
        for table, width in ((quarters, QUARTER_MS), (hours, HOUR_MS)):
            sums = {name: row[name] for name in BUCKET}
            when = {"account": f"{account}", "start": f"{start} + i * {width}"}
            await _fill(to, table, {**when, **sums}, YEAR_MS // width - 1)
        await to.execute(text(_sessions(account, first, count)))
        await _fill(to, tallies, minutes, count)

    await database.write_long(job)
    await _analyze(database)


def _sessions(account: int, first: int, count: int) -> str:
    """Return the statement that makes the sessions like the one there is."""
    names = [column.name for column in sessions.columns]
    own = {"session": f"{first} + i", "session_id": "'filled-' || i"}
    values = ", ".join(own.get(name, f"sessions.{name}") for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    made = _numbers(0, max(1, count // OF_SESSION))
    return (
        f"INSERT INTO sessions ({quoted}) SELECT {values} FROM sessions, {made} "
        f"WHERE account = {account} AND session_id = 's0'"
    )


async def fill_figures(database: Database, an_hour: int) -> None:
    """Put so many published windows of the world into each hour of a year, with their hours.

    The newest is the last that is over; one that the process published meanwhile stays.
    """
    end = now_ms() // WINDOW_MS * WINDOW_MS
    starts = list(range(end - WINDOW_MS, end - YEAR_MS, -HOUR_MS // an_hour))
    windows = [_figure(start) for start in starts]
    within = Counter(start // HOUR_MS * HOUR_MS for start in starts)
    sums = [_hour(start, number) for start, number in within.items()]

    async def job(to: AsyncConnection) -> None:
        dialect = {"sqlite": sqlite, "postgresql": postgresql}[to.dialect.name]
        for table, rows in ((published, windows), (published_hours, sums)):
            statement = dialect.insert(table).on_conflict_do_nothing()
            for at in range(0, len(rows), 5000):
                await to.execute(statement, rows[at : at + 5000])

    await database.write_long(job)
    await _analyze(database)


def _figure(start: int) -> dict[str, Any]:
    values = dict(zip(MEASURES, VALUES, strict=True))
    counts = {"contributors": 5, "readings": 50, "at": start + WINDOW_MS}
    return {"space": WORLD, "start": start, "shown": True, **values, **counts}


def _hour(start: int, number: int) -> dict[str, Any]:
    figure = _figure(start)
    added = {kept: number * figure[name] for kept, name in zip(SUMS, MEASURES, strict=True)}
    counts = {name: number * figure[name] for name in ("contributors", "readings")}
    led = {name: number * (name == LED[0]) for name in LED}
    peaks = {name: high(figure[mood], start) for name, mood in zip(PEAKS, MOODS, strict=True)}
    ends = {"contributors_low": 5, "contributors_high": 5}
    key = {"space": WORLD, "start": start, "windows": number}
    return {**key, **added, **counts, **led, **peaks, **ends}


async def _fill(to: AsyncConnection, table: Table, columns: dict[str, str], count: int) -> None:
    """Insert rows in pieces, none of which takes longer than a statement may."""
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    for first in range(0, count, PIECE):
        made = _numbers(first, min(first + PIECE, count))
        await to.execute(text(f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {made}"))


def _numbers(first: int, end: int) -> str:
    """Return a table of numbers in a way that both databases understand."""
    return (
        f"(WITH RECURSIVE made(i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 "
        f"FROM made WHERE i < {end - 1}) SELECT i FROM made) AS c"
    )


def _uuid(database: Database) -> str:
    return "gen_random_uuid()" if database.dialect == "postgresql" else "lower(hex(randomblob(16)))"


async def _analyze(database: Database) -> None:
    async def job(to: AsyncConnection) -> Any:
        return await to.execute(text("ANALYZE"))

    await database.write_long(job)
