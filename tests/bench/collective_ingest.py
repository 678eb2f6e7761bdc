"""Aggregates a second that mirrors can hand over, in batches of 500, 10 and 1."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from mirrord.collective.database import sqlite_url
from tests.bench.collective_house import House, batch, house
from tests.bench.process import cpu_s, table
from tests.postgres_kit import Postgres

FOR_S = 10.0


async def measure(folder: Path, server: Postgres) -> str:
    """Return the table."""
    rows = []
    urls = {"SQLite": sqlite_url(folder / "ingest.sqlite3"), "PostgreSQL": await server.database()}
    for name, url in urls.items():
        async with house(folder, url) as found:
            for size in (500, 10, 1):
                rows.append([name, f"{size}", *(await _rate(found, size))])
    return table(
        "Ingest: 4 mirrors at once, one process",
        ("database", "aggregates a batch", "aggregates/s", "CPU of the process, each", "batches"),
        rows,
    )


async def _rate(found: House, size: int) -> list[str]:
    began, cpu = time.monotonic(), cpu_s(found.process.pid)
    sent = await asyncio.gather(*(_send(found, one, size, began + FOR_S) for one in found.mirrors))
    count, took = sum(sent) * size, time.monotonic() - began
    each_us = (cpu_s(found.process.pid) - cpu) / count * 1e6
    return [f"{count / took:,.0f}", f"{each_us:.0f} µs", f"{sum(sent)}"]


async def _send(found: House, mirror: str, size: int, end: float) -> int:
    count = 0
    while time.monotonic() < end:
        body = batch(f"b{size}-{count // 40}", (count % 40) * size + 5, size)
        status, answer = await found.ask("POST", "sync/", mirror, body)
        assert status == 200, answer
        assert answer.count(b'"stored"') == size, answer[:300]
        count += 1
    return count
