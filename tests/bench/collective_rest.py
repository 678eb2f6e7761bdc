"""REST by 1, 50 and 200 clients at once: four reads, then a reading given."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from mirrord.collective.database import sqlite_url
from tests.bench.collective_house import House, house
from tests.bench.process import cpu_s, quantiles, table
from tests.postgres_kit import Postgres

FOR_S = 10.0
CLIENTS = (1, 50, 200)
READS = (
    "readings/",
    "readings/trends/?hours=24",
    "sessions/s0/insights/",
    "collective/history/?hours=24",
)


async def measure(folder: Path, server: Postgres) -> str:
    """Return the table."""
    rows = []
    urls = {"SQLite": sqlite_url(folder / "rest.sqlite3"), "PostgreSQL": await server.database()}
    for name, url in urls.items():
        async with house(folder, url) as found:
            for token in found.tokens:
                assert await found.post("s0", token) == 201
            for clients in CLIENTS:
                rows.append([name, f"{clients}", *(await _load(found, clients))])
    return table(
        "REST: four reads, then a reading given, in turn; one process",
        ("database", "clients", "answers/s", "p50", "p99", "failures", "CPU of the process, each"),
        rows,
    )


async def _load(found: House, clients: int) -> list[str]:
    began, cpu = time.monotonic(), cpu_s(found.process.pid)
    took = await asyncio.gather(*(_ask(found, one, began + FOR_S) for one in range(clients)))
    passed = time.monotonic() - began
    delays = [ms for one, _ in took for ms in one]
    each_ms = 1000 * (cpu_s(found.process.pid) - cpu) / len(delays)
    p50, p99 = quantiles(delays)
    failures = sum(failed for _, failed in took)
    times = (f"{p50:.1f} ms", f"{p99:.1f} ms")
    return [f"{len(delays) / passed:.0f}", *times, f"{failures}", f"{each_ms:.1f} ms"]


async def _ask(found: House, client: int, end: float) -> tuple[list[float], int]:
    took: list[float] = []
    failed, token, turn = 0, found.tokens[client % len(found.tokens)], client
    while time.monotonic() < end:
        began = time.perf_counter()
        if turn % 5 == 4:
            good = await found.post(f"s{client}", token) == 201
        else:
            good = (await found.ask("GET", READS[turn % 5], token))[0] == 200
        took.append(1000 * (time.perf_counter() - began))
        failed += not good
        turn += 1
    return took, failed
