"""What does not grow: a reading in a long session, questions to ten million aggregates."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from mirrord.collective.database import sqlite_url
from tests.bench.collective_fill import fill_aggregates, fill_figures, fill_readings
from tests.bench.collective_house import House, house
from tests.bench.process import table
from tests.postgres_kit import Postgres

ROUNDS = 60
SHORT, LONG = 100, 100_000
FEW, MANY = 10_000, 10_000_000
QUESTIONS = {
    "collective/current": "collective/current/",
    "trends of a year, by hour": "readings/trends/?hours=8760",
    "a session's insights": "sessions/s0/insights/",
    "collective/insights of a year": "collective/insights/?hours=8760",
    "collective/trends of a year, by hour": "collective/trends/?hours=8760&resolution=hour",
}


async def one_more_reading(folder: Path, server: Postgres) -> str:
    """Return how long a POST takes in a short and in a long session, in turn."""
    rows = []
    urls = {"SQLite": sqlite_url(folder / "long.sqlite3"), "PostgreSQL": await server.database()}
    for name, url in urls.items():
        async with house(folder, url, mirrors=0) as found:
            for place, count in ((0, SHORT), (1, LONG)):
                assert await found.post("s0", found.tokens[place]) == 201
                await fill_readings(found.database, found.accounts[place], count)
            short, long = await _in_turn(
                *(_posting(found, found.tokens[place]) for place in (0, 1))
            )
            rows.append([name, f"{short:.2f} ms", f"{long:.2f} ms", f"{long / short:.2f}"])
    head = ("database", f"session of {SHORT}", f"of {LONG:,}", "ratio")
    return table(f"POST readings, medians of {ROUNDS} in turn", head, rows)


def _posting(found: House, token: str) -> Callable[[], Awaitable[int]]:
    return lambda: found.post("s0", token)


async def many_aggregates(folder: Path, server: Postgres) -> str:
    """Return how long questions take with few and with many aggregates, in turn."""
    rows = []
    kinds = {
        "SQLite": [sqlite_url(folder / f"{one}.sqlite3") for one in ("few", "many")],
        "PostgreSQL": [await server.database() for _ in range(2)],
    }
    for name, (small_url, large_url) in kinds.items():
        async with (
            house(folder, small_url, mirrors=0) as small,
            house(folder, large_url, mirrors=0) as large,
        ):
            for found, count in ((small, FEW), (large, MANY)):
                await found.post("s0", found.tokens[0])
                await fill_aggregates(found.database, found.accounts[0], count)
                await fill_figures(found.database, 1 if found is small else 12)
            for what, path in QUESTIONS.items():
                few, lots = await _in_turn(_asking(small, path), _asking(large, path))
                numbers = [f"{few:.2f} ms", f"{lots:.2f} ms", f"{lots / few:.2f}"]
                rows.append([name, what, *numbers])
    head = ("database", "question", f"{FEW:,} aggregates", f"{MANY:,}", "ratio")
    return table(f"Questions, medians of {ROUNDS} in turn", head, rows)


def _asking(found: House, path: str) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        return (await found.ask("GET", path, found.tokens[0]))[0]

    return ask


async def _in_turn(*asks: Callable[[], Awaitable[int]]) -> list[float]:
    """Return the median of each in milliseconds."""
    took: list[list[float]] = [[] for _ in asks]
    for number in range(ROUNDS + 5):
        for place, ask in enumerate(asks):
            began = time.perf_counter()
            status = await ask()
            if number >= 5:
                took[place].append(1000 * (time.perf_counter() - began))
            assert status in (200, 201), status
    return [statistics.median(one) for one in took]
