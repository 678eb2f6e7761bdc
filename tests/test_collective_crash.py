"""Three processes on PostgreSQL and Redis; one is killed under load, and nothing is lost."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from mirrord.collective.schema import counters, quarters, readings, sessions, tallies
from tests.collective_kit import MINUTE_MS, Api, served, tally
from tests.collective_processes import WIDE, ApiProcess, api_processes
from tests.postgres_kit import postgres
from tests.redis_kit import redis_server

pytestmark = [pytest.mark.alone, pytest.mark.timeout(180)]
READINGS, BATCHES, ITEMS = 30, 10, 10
MOODS = {"joy": 0.5, "calm": 0.25, "energy": 0.125, "melancholy": 0.0}
PATIENCE_S = 120.0
LOST = 0.1  # of the answers


@dataclass
class Load:
    """What was acknowledged, and how often an answer did not come."""

    processes: list[ApiProcess]
    http: aiohttp.ClientSession
    acknowledged: int = 0
    without_answer: int = 0
    readings: dict[str, set[str]] = field(default_factory=dict)  # by account
    tallies: set[tuple[str, int]] = field(default_factory=set)

    async def send(self, path: str, body: Any, headers: dict[str, str]) -> Any:
        """Ask one process after the other until one of them answers."""
        limit = aiohttp.ClientTimeout(total=20)
        while True:
            url = random.choice(self.processes).url + path
            try:
                async with self.http.post(url, json=body, headers=headers, timeout=limit) as answer:
                    if answer.status in (200, 201) and random.random() < LOST:
                        continue  # done, but its answer is lost on the way: it is asked again
                    if answer.status in (200, 201):
                        self.acknowledged += 1
                        return (await answer.json())["data"]
                    assert answer.status == 503, await answer.text()
            except (aiohttp.ClientError, TimeoutError):
                pass
            self.without_answer += 1
            await asyncio.sleep(random.uniform(0.01, 0.1))

    async def post_readings(self, token: str) -> None:
        mine = self.readings.setdefault(token, set())
        for number in range(READINGS):
            headers = {"Authorization": token, "Idempotency-Key": f"key-{number}"}
            body = {"session_id": f"s{number % 3}", **MOODS}
            mine.add((await self.send("/emotions/api/readings/", body, headers))["id"])

    async def sync(self, mirror: str, session: str) -> None:
        start = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS - 3 * BATCHES * ITEMS * MINUTE_MS
        for batch in range(BATCHES):
            starts = [start + (batch * ITEMS + one) * MINUTE_MS for one in range(ITEMS)]
            items = [tally(session, at, readings=10) for at in starts]
            body = {"version": 1, "sent_at": int(time.time() * 1000), "items": items}
            headers = {"Authorization": mirror}
            results = (await self.send("/emotions/api/sync/", body, headers))["results"]
            assert {one["outcome"] for one in results} <= {"stored", "duplicate"}
            self.tallies |= {(session, at) for at in starts}

    async def listen(self, token: str, heard: list[str]) -> int:
        """Follow an account's readings, first at the process that is killed; return how often."""
        cursor, connections, process = "now", 0, self.processes[0]
        headers = {"Authorization": token}
        while len(heard) < READINGS:
            url = f"{process.url}/ws/emotions/?after={cursor}"
            process = random.choice(self.processes)
            try:
                async with self.http.ws_connect(url, headers=headers) as ws:
                    connections += 1
                    while len(heard) < READINGS:
                        told = await ws.receive_json(timeout=PATIENCE_S)
                        cursor = told.get("cursor", cursor)
                        if told["type"] == "emotion_update":
                            heard.append(told["data"]["id"])
            except (aiohttp.ClientError, TypeError):  # TypeError: it was closed
                await asyncio.sleep(0.05)
        return connections


async def test_one_of_three_is_killed_under_load_and_nothing_is_lost(tmp_path: Path) -> None:
    with postgres() as server:
        database = await server.database()
        async with (
            asyncio.timeout(PATIENCE_S),
            redis_server(tmp_path) as redis,
            api_processes(tmp_path, 3, database, redis.url) as processes,
            served(tmp_path, database, bus={"url": redis.url}, limits=WIDE) as api,
            aiohttp.ClientSession() as http,
        ):
            tokens = [(await api.account(f"user{number}"))[1] for number in range(4)]
            mirrors = [await api.mirror(token) for token in tokens[:2]]
            load = Load(processes, http)
            heard: list[list[str]] = [[], []]
            listeners = [
                asyncio.create_task(load.listen(token, ids))
                for token, ids in zip(tokens[:2], heard, strict=True)
            ]
            await asyncio.sleep(0.5)  # they are there before the first reading
            work = [asyncio.create_task(load.post_readings(token)) for token in tokens]
            work += [asyncio.create_task(load.sync(one, f"m{n}")) for n, one in enumerate(mirrors)]
            total = len(tokens) * READINGS + len(mirrors) * BATCHES
            await _until(lambda: load.acknowledged > total // 4, work)
            await processes[0].kill()
            await _until(lambda: load.acknowledged > total // 2, work)
            await processes[0].start()
            await asyncio.gather(*work)
            connections = await asyncio.gather(*listeners)
            assert load.without_answer > 0
            assert min(connections) >= 2
            for token, ids in zip(tokens[:2], heard, strict=True):
                assert len(ids) == len(set(ids))
                assert set(ids) == load.readings[token]
            await _check(api, load)
            assert not any("Traceback" in one.log for one in processes)
            assert (await api.ask("GET", "/health/ready")).status == 200
            server.stop()
            assert (await api.ask("GET", "/health/ready")).status == 503
            assert (await api.ask("GET", "/health/live")).status == 200


async def _until(holds: Any, work: list[asyncio.Task[None]]) -> None:
    while not holds():
        for task in work:
            if task.done():
                task.result()
        await asyncio.sleep(0.01)


async def _check(api: Api, load: Load) -> None:
    """Compare the tables with what was acknowledged: nothing less, nothing more, nothing twice."""

    async def ask(query: Any) -> list[Any]:
        return list(await api.database.read(lambda of: of.execute(query)))

    stored = [str(one) for (one,) in await ask(select(readings.c.id))]
    assert sorted(stored) == sorted(one for ids in load.readings.values() for one in ids)
    sent = tallies.join(
        sessions,
        (sessions.c.account == tallies.c.account) & (sessions.c.session == tallies.c.session),
    )
    rows = await ask(
        select(sessions.c.session_id, tallies.c.start, tallies.c.total)
        .select_from(sent)
        .where(sessions.c.mirror != 0)
    )
    assert sorted((name, start) for name, start, _ in rows) == sorted(load.tallies)
    assert {total for *_, total in rows} == {10}
    want = len(stored) + 10 * len(load.tallies)
    sums = (select(func.sum(table.c.total)) for table in (quarters, sessions))
    counted = select(func.sum(counters.c.value)).where(counters.c.name == "total")
    for query in (*sums, counted):
        assert int((await ask(query))[0][0]) == want
