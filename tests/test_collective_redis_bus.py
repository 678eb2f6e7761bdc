"""The bus over a real redis-server, which is killed and frozen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest_asyncio

from mirrord.collective.commands import brought_up, checked
from mirrord.collective.database import sqlite_url
from mirrord.collective.publishing import TOPIC
from mirrord.collective.redis_bus import ANSWER_S, RedisBus
from mirrord.collective.settings import Settings
from tests.collective_lab import START, lab, mood
from tests.redis_kit import RedisServer, free_port, redis_server

PATIENCE_S = 15.0


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path) as server:
        yield server


async def until(state: bool, *buses: RedisBus) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while any((not bus.problem) is not state for bus in buses):
            await asyncio.sleep(0.02)


class Ear:
    """Collects what is told; "" says that something may have been missed."""

    def __init__(self, bus: RedisBus, topic: str) -> None:
        self.heard: list[str] = []
        self._news = asyncio.Event()
        bus.listen(topic, self._hear)

    def _hear(self, text: str) -> None:
        self.heard.append(text)
        self._news.set()

    async def hears(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while text not in self.heard:
                self._news.clear()
                await self._news.wait()


async def test_two_processes_count_together_and_counts_end(server: RedisServer) -> None:
    async with RedisBus.open(server.url) as one, RedisBus.open(server.url) as two:
        await until(True, one, two)
        counts = [(await bus.count("a", 30.0))[0] for bus in (one, two, one, two)]
        assert counts == [1, 2, 3, 4]
        value, left_s = await two.count("a", 30.0, by=0)
        assert value == 4
        assert 25 < left_s <= 30
        assert await one.count("nothing", 5.0, by=0) == (0, 5.0)
        await one.forget("a")
        assert (await two.count("a", 0.05))[0] == 1
        await asyncio.sleep(0.1)
        assert (await one.count("a", 5.0))[0] == 1


async def test_many_at_once_are_counted_each_once(server: RedisServer) -> None:
    async with RedisBus.open(server.url) as one, RedisBus.open(server.url) as two:
        await until(True, one, two)
        asked = [bus.count("many", 60.0) for bus in (one, two) for _ in range(400)]
        values = sorted(value for value, _ in await asyncio.gather(*asked))
        assert values == list(range(1, 801))


async def test_news_reaches_every_process_once_and_no_other_topic(server: RedisServer) -> None:
    async with RedisBus.open(server.url) as one, RedisBus.open(server.url) as two:
        ears = Ear(one, "readings"), Ear(two, "readings"), Ear(two, "collective")
        await until(True, one, two)
        await one.tell("readings", '{"text": "with spaces, and ä"}')
        await two.tell("readings", "2")
        for ear in ears[:2]:
            await ear.hears("2")
            await ear.hears('{"text": "with spaces, and ä"}')
            told = [text for text in ear.heard if text]
            assert len(told) == 2
        assert not any(ears[2].heard)


async def test_killed_it_costs_nothing_and_comes_back(server: RedisServer) -> None:
    async with RedisBus.open(server.url) as bus, RedisBus.open(server.url) as other:
        ear = Ear(bus, "readings")
        await until(True, bus, other)
        assert (await bus.count("a", 60.0))[0] == 1
        assert (await other.count("a", 60.0))[0] == 2
        await server.kill()
        began = time.monotonic()
        assert (await bus.count("a", 60.0))[0] == 2  # its own alone
        await bus.tell("readings", "while away")
        assert "while away" in ear.heard  # this process hears itself
        assert time.monotonic() - began < 2 * ANSWER_S
        assert "Redis is away" in bus.problem
        ear.heard.clear()
        await server.start()
        await until(True, bus, other)
        await ear.hears("")  # look yourself
        async with asyncio.timeout(PATIENCE_S):
            while (
                "again" not in ear.heard
            ):  # what is told in the moment of a loss is only hinted at
                await other.tell("readings", "again")
                await asyncio.sleep(0.05)


async def test_frozen_it_costs_one_wait_and_then_nothing(server: RedisServer) -> None:
    async with RedisBus.open(server.url) as bus:
        ear = Ear(bus, "readings")
        await until(True, bus)
        server.freeze()
        try:
            began = time.monotonic()
            await asyncio.gather(*(bus.count(f"k{number}", 60.0) for number in range(300)))
            assert time.monotonic() - began < 4 * ANSWER_S  # all of them waited once, together
            began = time.monotonic()
            for _ in range(1000):
                await bus.count("a", 60.0)
            assert time.monotonic() - began < ANSWER_S
            assert bus.problem
        finally:
            server.thaw()
        await until(True, bus)
        ear.heard.clear()
        async with RedisBus.open(server.url) as other:
            await until(True, other)
            await other.tell("readings", "thawed")
            await ear.hears("thawed")


async def test_frozen_while_nobody_asks_is_noticed(server: RedisServer) -> None:
    async with RedisBus.open(server.url) as bus:
        await until(True, bus)
        server.freeze()
        try:
            await until(False, bus)
        finally:
            server.thaw()
        await until(True, bus)


async def test_without_redis_from_the_start_it_opens_and_counts() -> None:
    async with RedisBus.open(f"redis://:secret@127.0.0.1:{free_port()}/0") as bus:
        await asyncio.sleep(0.05)
        assert [(await bus.count("a", 60.0))[0] for _ in range(3)] == [1, 2, 3]
        assert "no connection" in bus.problem
        assert "secret" not in bus.problem


async def test_the_check_says_whether_redis_answers(server: RedisServer, tmp_path: Path) -> None:
    given = {"database": {"url": sqlite_url(tmp_path / "c.sqlite3")}, "bus": {"url": server.url}}
    settings = msgspec.convert(given, Settings)
    assert ("Bus", "Redis answers", True) in await checked(settings)


async def test_what_a_command_publishes_the_serving_processes_hear(
    server: RedisServer, tmp_path: Path
):
    settings = msgspec.convert({"bus": {"url": server.url}}, Settings)
    async with lab(tmp_path) as it, RedisBus.open(server.url) as serving:
        await until(True, serving)
        ear = Ear(serving, TOPIC)
        await it.space(1)
        await it.contribute(1, START, {who: mood(0.5) for who in range(6)})
        assert await brought_up(it.database, settings) == (1, 0)
        async with asyncio.timeout(PATIENCE_S):
            while not ear.heard:
                await asyncio.sleep(0.02)
        told = msgspec.json.decode(ear.heard[0])
        assert (told["space"], told["cursor"]) == ("1", str(START))
