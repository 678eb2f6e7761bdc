"""2,000 clients of the live socket: how fast a figure reaches all, and what each costs."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
from redis.asyncio import Redis
from sqlalchemy import insert

from mirrord.collective.numbers import now_ms
from mirrord.collective.schema import WORLD, published
from tests.bench.collective_house import House, house
from tests.bench.process import cpu_s, memory_mb, quantiles, table
from tests.postgres_kit import Postgres
from tests.redis_kit import redis_server

SOCKETS = 2_000
FIGURES = 20
EVERY_S = 1.0
PATIENCE_S = 60.0


async def measure(folder: Path, server: Postgres) -> str:
    """Return the table."""
    async with (
        redis_server(folder) as redis,
        house(folder, await server.database(), redis.url) as found,
        Redis.from_url(redis.url) as bus,
    ):
        rows = [await _broadcast(found, bus, sockets) for sockets in (1, SOCKETS)]
    head = ("sockets", "figures told", "lost", "p50", "p99", "CPU a delivery", "memory a socket")
    return table("A figure of the world, told by Redis, once a second; one process", head, rows)


async def _broadcast(found: House, bus: Redis, sockets: int) -> list[str]:
    before = memory_mb(found.process.pid, "Rss")
    url = f"{found.process.url}/ws/emotions/?after=now"
    open_: list[aiohttp.ClientWebSocketResponse] = []
    for first in range(0, sockets, 50):
        many = range(first, min(first + 50, sockets))
        open_ += await asyncio.gather(*(found.http.ws_connect(url) for _ in many))
    await asyncio.sleep(2)
    each_kb = (memory_mb(found.process.pid, "Rss") - before) * 1024 / sockets
    told: dict[int, float] = {}
    hearing = [asyncio.create_task(_hear(one, told)) for one in open_]
    cpu = cpu_s(found.process.pid)
    for _ in range(FIGURES):
        await _publish(found, bus, told)
        await asyncio.sleep(EVERY_S)
    delays = [delay for one in await asyncio.gather(*hearing) for delay in one]
    each_us = (cpu_s(found.process.pid) - cpu) / max(1, len(delays)) * 1e6
    await asyncio.gather(*(one.close() for one in open_))
    p50, p99 = quantiles(delays)
    lost = sockets * FIGURES - len(delays)
    return [
        *(f"{sockets:,}", f"{len(delays):,}", f"{lost}", f"{p50:.1f} ms", f"{p99:.1f} ms"),
        f"{each_us:.0f} µs",
        f"{each_kb:.0f} kB" if sockets > 1 else "",
    ]


async def _publish(found: House, bus: Redis, told: dict[int, float]) -> None:
    start = now_ms()
    moods = {"joy": 5000, "calm": 2500, "energy": 1250, "melancholy": 0, "valence": 0, "arousal": 0}
    counts = {"contributors": 5, "sessions": 5, "readings": 50, "at": start}
    row = {"space": WORLD, "start": start, "shown": True, **moods, **counts}
    told[start] = time.monotonic()
    await found.database.write(lambda to: to.execute(insert(published), row))
    await bus.publish("mirrord:news", f'bench collective {{"space":"{WORLD}"}}')


async def _hear(ws: aiohttp.ClientWebSocketResponse, told: dict[int, float]) -> list[float]:
    """Return the delay of each figure in milliseconds, from before it was stored."""
    delays: list[float] = []
    while len(delays) < FIGURES:
        message = await ws.receive_json(timeout=PATIENCE_S)
        if message["type"] == "collective_update":
            start = int(message["cursor"].partition(".")[0])
            if start in told:
                delays.append(1000 * (time.monotonic() - told[start]))
    return delays
