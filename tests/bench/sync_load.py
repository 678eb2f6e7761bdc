"""Ten thousand mirrors in one process against the real API on PostgreSQL, and after an outage.

`python -m tests.bench.sync_load --mirrors N --scale S`. Each mirror behaves as the real sender: a
connection for each request, one request at a time, `Backoff` with full jitter, `Retry-After`. Time
runs S times as fast for them, so that an outage of ten minutes takes two at a scale of five; the
API has no more time than that, so the herd is S times as dense as in life.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.database import Database
from mirrord.collective.linking.credentials import written
from mirrord.collective.schema import accounts, mirrors, sessions
from mirrord.credentials import secrets
from mirrord.runtime.backoff import Backoff
from tests.bench.process import cpu_s, memory_mb, quantiles, table
from tests.collective_kit import MINUTE_MS, tally
from tests.postgres_kit import postgres

MIRRORS = 10_000
SCALE = 5.0
STEADY_S = 15.0
AT_ONCE = 64  # requests of the steady phase
OUTAGE_MIN = 10
TIMEOUT_S = 30.0
SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
CHUNK = 1_000


@dataclass
class World:
    """The mirrors, what they send and what came back."""

    url: str
    credentials: list[str]
    scale: float
    took_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    done_s: list[float] = field(default_factory=list)
    minute: int = 0
    steady: int = 0  # batches of the steady phase
    # Fixed: what is sent again has to be the same.
    base: int = time.time_ns() // 1_000_000 // MINUTE_MS - 100_000

    async def send(self, http: aiohttp.ClientSession, number: int, count: int) -> float | None:
        """Send so many minutes of one mirror; return None, or what `Retry-After` says (or 0)."""
        body = _batch(number, self.base + self.minute, count)
        headers = {
            "Authorization": f"Mirror {self.credentials[number]}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Connection": "close",
        }
        began = time.perf_counter()
        try:
            async with http.post(
                f"{self.url}/emotions/api/sync/", data=body, headers=headers
            ) as answer:
                await answer.read()
                self.statuses[answer.status] += 1
                if answer.status == 200:
                    self.took_ms.append(1000 * (time.perf_counter() - began))
                    return None
                return float(answer.headers.get("Retry-After", 0))
        except (aiohttp.ClientError, OSError):
            self.statuses[0] += 1
            return 0.0


def _batch(number: int, minute: int, count: int) -> bytes:
    items = [tally(f"s{number}", (minute + one) * MINUTE_MS, readings=60) for one in range(count)]
    batch = {"version": 1, "sent_at": minute * MINUTE_MS, "items": items}
    return gzip.compress(msgspec.json.encode(batch), 6)


def report(count: int = MIRRORS, scale: float = SCALE) -> str:
    """Return the tables."""
    with postgres(**SAFE) as server:
        return asyncio.run(_measure(asyncio.run(server.database()), count, scale))


async def _measure(database: str, count: int, scale: float) -> str:
    credentials = await _enrol(database, count)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world = World(f"http://127.0.0.1:{port}", credentials, scale)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        async with _api(database, port) as pid:
            steady = await _steady(world, http, pid)
        herd = await _herd(world, http, database, port)
    kept = await _kept(database)
    return "\n".join((steady, herd, f"Readings kept: {kept:,}, of {_sent(world, count):,} sent\n"))


def _sent(world: World, count: int) -> int:
    return 60 * (world.steady + OUTAGE_MIN * count)


async def _steady(world: World, http: aiohttp.ClientSession, pid: int) -> str:
    """A minute of each mirror, `AT_ONCE` at a time, as long as it lasts."""
    ends, before = time.monotonic() + STEADY_S, cpu_s(pid)
    turn = iter(range(10**9))

    async def one() -> None:
        while time.monotonic() < ends:
            number = next(turn)
            world.minute = number + 1
            assert await world.send(http, number % len(world.credentials), 1) is None

    world.minute = 0
    began = time.monotonic()
    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    passed = time.monotonic() - began
    world.steady, world.minute = world.minute, world.minute + 1
    p50, p99 = quantiles(world.took_ms)
    rate = len(world.took_ms) / passed
    cpu_ms = 1000 * (cpu_s(pid) - before) / len(world.took_ms)
    row = [f"{AT_ONCE}", f"{rate:.0f}", f"{p50:.0f} ms", f"{p99:.0f} ms", f"{cpu_ms:.1f} ms"]
    head = ("at once", "batches a second", "p50", "p99", "CPU of the API, each")
    return table("A minute a batch", head, [row])


async def _herd(world: World, http: aiohttp.ClientSession, database: str, port: int) -> str:
    """All mirrors have sent in vain for ten minutes; then the API is there again."""
    world.took_ms.clear()
    world.statuses.clear()
    tasks = [
        asyncio.create_task(_mirror(world, http, one)) for one in range(len(world.credentials))
    ]
    await asyncio.sleep(OUTAGE_MIN * 60 / world.scale)
    async with _api(database, port) as pid:
        vain = world.statuses[0]
        began = time.monotonic()
        await asyncio.gather(*tasks)
        memory = memory_mb(pid, "Rss")
    done = sorted(one - began for one in world.done_s)
    p50, p99 = quantiles(world.took_ms)
    bad = {status: n for status, n in world.statuses.items() if status not in (0, 200)}
    rows = [
        ("mirrors, each with ten minutes that wait", f"{len(tasks):,}"),
        ("attempts in vain during the outage", f"{vain:,}"),
        ("half of them had delivered after", f"{done[len(done) // 2]:.1f} s"),
        ("all of them after", f"{done[-1]:.1f} s"),
        ("answers, p50 and p99", f"{p50:.0f} ms, {p99:.0f} ms"),
        ("refused for the load (429, 503), then taken", f"{sum(bad.values()):,}"),
        (
            "other failures of the API (5xx)",
            f"{sum(n for s, n in bad.items() if s not in (429, 503)):,}",
        ),
        ("no connection or no answer after its return", f"{world.statuses[0] - vain:,}"),
        ("memory of the API (RSS)", f"{memory:.0f} MB"),
    ]
    return table(
        f"After an outage ({world.scale:g} times as fast as life)", ("what", "figure"), rows
    )


async def _mirror(world: World, http: aiohttp.ClientSession, number: int) -> None:
    """One mirror: at some second of its minute it begins to send, and does not give up."""
    rng = random.Random(number)
    backoff = Backoff(first_s=2.0, cap_s=600.0, steady_s=0.0, rng=rng)
    await asyncio.sleep(rng.uniform(0.0, 60.0) / world.scale)
    while (least_s := await world.send(http, number, OUTAGE_MIN)) is not None:
        await asyncio.sleep((least_s + backoff.next_s()) / world.scale)
    world.done_s.append(time.monotonic())


async def _enrol(database: str, count: int) -> list[str]:
    """Put accounts with a mirror each into the database; return their credentials."""
    now = time.time_ns() // 1_000_000
    secret = [secrets.new_key() for _ in range(count)]
    async with Database.open(database, 2) as there:
        for first in range(0, count, CHUNK):
            numbers = range(first, min(first + CHUNK, count))
            people = [_account(number, now) for number in numbers]
            devices = [_device(number, secret[number], now) for number in numbers]
            await _put(there, accounts, people)
            await _put(there, mirrors, devices)
    return [written(number + 1, 1, one) for number, one in enumerate(secret)]


async def _put(there: Database, into: Table, rows: list[dict[str, Any]]) -> None:
    async def job(to: AsyncConnection) -> None:
        await to.execute(insert(into), rows)

    await there.write(job)


def _account(number: int, now: int) -> dict[str, Any]:
    name = f"user{number}"
    named = {"account": number + 1, "username": name, "folded": name, "joined": now}
    flags = {"is_admin": False, "active": True, "contributes": False}
    return {**named, **flags, "email": "", "first_name": "", "last_name": "", "password": ""}


def _device(number: int, secret: str, now: int) -> dict[str, Any]:
    return {
        "account": number + 1,
        "mirror": 1,
        "name": "Hall",
        "version": "0",
        "digest": secrets.digest(secret),
        "expires": now + 86_400_000,
        "enrolled": now,
        "active": True,
    }


async def _kept(database: str) -> int:
    async with Database.open(database, 2) as there:
        query = select(func.sum(sessions.c.total))
        return int(await there.read(lambda of: of.scalar(query)) or 0)


@asynccontextmanager
async def _api(database: str, port: int) -> AsyncIterator[int]:
    """Serve in a process of its own; kill it in the end."""
    with tempfile.TemporaryDirectory() as folder:
        words = ("-m", "tests.sync_child", "api", folder, str(port), database)
        child = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        try:
            assert await child.stdout.readline()
            yield child.pid
        finally:
            child.kill()
            await child.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirrors", type=int, default=MIRRORS)
    parser.add_argument("--scale", type=float, default=SCALE)
    given = parser.parse_args()
    print(report(given.mirrors, given.scale))


if __name__ == "__main__":
    main()
