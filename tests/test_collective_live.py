"""The collective's live socket: one's own readings, everybody's figures, nothing twice or lost."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import WSServerHandshakeError
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update
from yarl import URL

from mirrord.collective.bus import LocalBus
from mirrord.collective.live.part import POLL_S
from mirrord.collective.live.presence import Presence, coarse
from mirrord.collective.numbers import now_ms, number_at
from mirrord.collective.people.keys import KeyRing
from mirrord.collective.schema import WORLD, published, readings
from tests.collective_kit import Api, served
from tests.redis_kit import redis_server

MOODS = {"joy": 0.5, "calm": 0.25, "energy": 0.125, "melancholy": 0.0}
DATA = {"type": "emotion_data", **MOODS}
PATIENCE_S = 15.0
WIDE = {"address_per_minute": 1_000_000, "account_per_minute": 1_000_000}
WINDOW_MS = 300_000
NOW = now_ms() // WINDOW_MS * WINDOW_MS


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path, limits=WIDE) as api:
        yield api


class Ear:
    """A client; how many look on it hears apart."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.viewers: list[int] = []

    async def hear(self) -> Any:
        while True:
            told = await self.ws.receive_json(timeout=PATIENCE_S)
            if told["type"] != "viewers":
                return told
            self.viewers.append(told["viewers"])

    async def ids(self, count: int) -> list[str]:
        return [(await self.hear())["data"]["id"] for _ in range(count)]

    async def hears_nothing(self) -> None:
        await self.ws.send_json({"type": "ping"})
        assert await self.hear() == {"type": "pong"}


async def listen(api: Api, path: str = "/ws/emotions/", token: str = "", **headers: str) -> Ear:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    if token:
        sent["Authorization"] = token
    return Ear(await api.http.ws_connect(api.url + path, headers=sent))


async def post(api: Api, token: str, session: str = "s1", **more: Any) -> str:
    made = await api.post("api/readings/", {"session_id": session, **MOODS, **more}, token)
    assert made.status == 201, made.body
    return str(made.data["id"])


async def publish(api: Api, start: int, joy: int = 5000, space: int = WORLD) -> None:
    """Store a figure as the publisher does, and say so."""
    moods = {"joy": joy, "calm": 1000, "energy": 1000, "melancholy": 0, "valence": 0, "arousal": 0}
    row = {"space": space, "start": start, "shown": True, **moods, "at": start + WINDOW_MS}
    counts = {"contributors": 5, "sessions": 5, "readings": 50}
    await api.database.write(lambda to: to.execute(insert(published), {**row, **counts}))
    await api.bus.tell("collective", f'{{"space":"{space}","cursor":"{start}","data":{{}}}}')


async def test_somebody_hears_their_own_readings_and_nobody_elses(api: Api) -> None:
    (_, anna), (_, ben) = await api.account("anna"), await api.account("ben")
    room, all_, other = [
        await listen(api, path, token)
        for path, token in (
            ("/ws/emotions/s1/", anna),
            ("/ws/emotions/", anna),
            ("/ws/emotions/?session_id=s1", ben),
        )
    ]
    first = await post(api, anna)
    second = await post(api, anna, "s2")
    told = await room.hear()
    assert (told["type"], told["data"]["id"], told["data"]["user"]) == (
        "emotion_update",
        first,
        "anna",
    )
    assert await all_.ids(2) == [first, second]
    await room.hears_nothing()
    await other.hears_nothing()
    for ear in (room, all_, other):
        await ear.ws.close()


async def test_a_reading_that_is_sent_is_checked_stored_and_told(api: Api) -> None:
    account, anna = await api.account("anna")
    _, look = await KeyRing(api.database).begin(account.account, "api", 1.0, "l", ["look", "read"])
    ear = await listen(api, "/ws/emotions/s1/", anna)
    await ear.ws.send_json({**DATA, "joy": 99})
    assert "joy: expected" in (await ear.hear())["message"]
    await ear.ws.send_json(DATA)
    told = await ear.hear()
    assert told["data"]["session_id"] == "s1"
    reader = await listen(api, "/ws/emotions/", f"Token {look}")
    nobody = await listen(api)
    for one, answer in ((reader, "control"), (nobody, "Sign in")):
        await one.ws.send_json({**DATA, "session_id": "s1"})
        assert answer in (await one.hear())["message"]
    assert (await api.get("api/readings/", anna)).body["count"] == 1
    for one in (ear, reader, nobody):
        await one.ws.close()


async def test_everybody_hears_the_figures_the_current_one_at_once(api: Api) -> None:
    await publish(api, NOW - 3 * WINDOW_MS, joy=1000)
    ear = await listen(api)
    told = await ear.hear()
    assert told["type"] == "collective_update"
    assert told["data"]["collective_joy"] == 0.1
    assert told["data"]["active_sessions"] == 5
    await publish(api, NOW - 2 * WINDOW_MS, joy=2000)
    again = await ear.hear()
    assert again["data"]["collective_joy"] == 0.2
    await ear.ws.close()
    await publish(api, NOW - WINDOW_MS, joy=3000)
    back = await listen(api, f"/ws/emotions/?after={again['cursor']}")
    assert (await back.hear())["type"] == "hello"
    assert (await back.hear())["data"]["collective_joy"] == 0.3
    await back.hears_nothing()
    await back.ws.close()


async def test_what_was_missed_comes_and_nothing_twice(api: Api) -> None:
    _, anna = await api.account("anna")
    ear = await listen(api, "/ws/emotions/?after=now", anna)
    cursor = (await ear.hear())["cursor"]
    wanted = [await post(api, anna, f"s{number % 3}") for number in range(4)]
    assert await ear.ids(2) == wanted[:2]
    cursor = (await ear.hear())["cursor"]
    await ear.ws.close()
    wanted += await asyncio.gather(*(post(api, anna, f"s{number % 3}") for number in range(8)))
    back = await listen(api, f"/ws/emotions/?after={cursor}", anna)
    assert (await back.hear())["type"] == "hello"
    heard = await back.ids(9)
    assert sorted(heard) == sorted(wanted[3:])
    wanted.append(await post(api, anna))
    assert await back.ids(1) == wanted[-1:]
    await back.hears_nothing()
    await back.ws.close()


async def test_too_far_back_is_said_with_where_it_is(api: Api) -> None:
    _, anna = await api.account("anna")
    old = await post(api, anna)
    long_ago = number_at(1_750_000_000_000)
    change = update(readings).values(number=long_ago)
    await api.database.write(lambda to: to.execute(change))
    ear = await listen(api, f"/ws/emotions/?after=0.{long_ago - 1}", anna)
    told = await ear.hear()
    assert told["type"] == "error"
    where = f"/emotions/api/readings/?cursor=after-{long_ago - 1}"
    assert where in told["message"]
    assert (await api.ask("GET", where, anna)).body["results"][0]["id"] == old
    assert (await ear.hear())["type"] == "hello"
    new = await post(api, anna)
    assert await ear.ids(1) == [new]
    await ear.ws.close()


async def test_over_two_processes_and_a_bus_that_dies(tmp_path: Path) -> None:
    """Whatever happens to Redis, each reading comes once and in its order."""
    async with (
        redis_server(tmp_path) as redis,
        served(tmp_path, limits=WIDE, bus={"url": redis.url}) as here,
        served(tmp_path, limits=WIDE, bus={"url": redis.url}) as there,
    ):
        async with asyncio.timeout(PATIENCE_S):
            while here.bus.problem or there.bus.problem:
                await asyncio.sleep(0.02)
        _, anna = await here.account("anna")
        ear = await listen(here, "/ws/emotions/", anna)
        wanted = [await post(one, anna) for one in (there, here, there)]
        assert await ear.ids(3) == wanted
        await redis.kill()
        wanted = [await post(there, anna)]  # nobody tells this process of it
        began = asyncio.get_running_loop().time()
        assert await ear.ids(1) == wanted
        assert asyncio.get_running_loop().time() - began < POLL_S + 5
        ready = await here.ask("GET", "/health/ready")
        assert "Redis is away" in ready.body["bus"]
        await redis.start()
        wanted = [await post(there, anna) for _ in range(3)]
        assert await ear.ids(3) == wanted
        await ear.hears_nothing()
        await ear.ws.close()


async def test_a_slow_client_gets_the_newest_of_each_session(api: Api, monkeypatch: Any) -> None:
    """One that did not read for a while is spared what a newer state has replaced."""
    monkeypatch.setattr("mirrord.collective.live.line.MOST_BEHIND", 4)
    _, anna = await api.account("anna")
    ear = await listen(api, "/ws/emotions/", anna)
    follower = next(iter(api.live.lines._open))._followers[1]
    take, held = follower.take, asyncio.Event()

    async def later() -> Any:
        await held.wait()
        return await take()

    monkeypatch.setattr(follower, "take", later)
    ids = [await post(api, anna, f"s{number % 2}") for number in range(6)]
    async with asyncio.timeout(PATIENCE_S):
        while len(follower._feed.newer(follower.at)) < 6:
            await asyncio.sleep(0.01)
    held.set()
    first = await ear.hear()
    assert first["skipped"] is True
    assert [first["data"]["id"], *(await ear.ids(1))] == ids[-2:]
    await ear.hears_nothing()
    assert b"mirrord_collective_socket_skipped_total 4.0" in api.live.metrics.text()
    await ear.ws.close()


async def test_who_does_not_read_is_let_go(api: Api, monkeypatch: Any) -> None:
    monkeypatch.setattr("mirrord.api.socket.SEND_S", 0.2)
    url = URL(api.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, (url.host, url.port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=1024)
    writer.write(
        b"GET /ws/emotions/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    line = next(iter(api.live.lines._open))
    async with asyncio.timeout(20):
        while len(api.live.socket):
            for _ in range(16):
                line.tell("x" * 60_000)
            await asyncio.sleep(0.005)
    writer.transport.abort()
    assert b"mirrord_collective_socket_evictions_total 1.0" in api.live.metrics.text()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ws/emotions/s1/", {}, 401),
        ("/ws/emotions/?session_id=s1", {}, 401),
        ("/ws/emotions/?space=x", {}, 400),
        ("/ws/emotions/?after=yesterday", {}, 400),
        ("/ws/emotions/?aftr=now", {}, 400),
        ("/ws/emotions/", {"Origin": "https://evil.example"}, 403),
        ("/ws/emotions/", {"Authorization": "Token nobody"}, 401),
    ],
)
async def test_who_is_not_let_in(api: Api, path: str, headers: dict[str, str], status: int) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await listen(api, path, "", **headers)
    assert refused.value.status == status
    assert len(api.live.lines.feeds) == 0


async def test_a_space_that_is_not_theirs_to_see_is_refused(api: Api) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await listen(api, "/ws/emotions/?space=77")
    assert refused.value.status == 404


async def test_one_address_holds_only_so_many(tmp_path: Path) -> None:
    async with served(tmp_path, limits={**WIDE, "sockets_per_address": 2}) as api:
        ears = [await listen(api) for _ in range(2)]
        with pytest.raises(WSServerHandshakeError) as refused:
            await listen(api)
        assert refused.value.status == 429
        await ears.pop().ws.close()
        async with asyncio.timeout(PATIENCE_S):
            while len(api.live.socket) > 1:
                await asyncio.sleep(0.01)
        ears.append(await listen(api))
        for ear in ears:
            await ear.ws.close()


async def test_a_revoked_token_neither_speaks_nor_listens_on(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("mirrord.collective.live.lines.CHECK_S", 0.5)
    monkeypatch.setattr("mirrord.collective.identity.CACHED_S", 0.0)
    async with served(tmp_path, limits=WIDE) as api:
        _, anna = await api.account("anna")
        ear = await listen(api, "/ws/emotions/", anna)
        assert (await api.post("auth/logout/", {}, anna)).status == 200
        await ear.ws.send_json(DATA)
        async with asyncio.timeout(PATIENCE_S):
            told = await ear.ws.receive()
            while told.type is aiohttp.WSMsgType.TEXT:
                assert "emotion_update" not in told.data
                told = await ear.ws.receive()
        assert ear.ws.closed


async def test_viewers_are_counted_over_processes_and_only_roughly() -> None:
    bus, now = LocalBus(), [100.0]
    shown: dict[int, list[str]] = {0: [], 1: []}

    class Shown:
        def __init__(self, place: int) -> None:
            self.show_viewers = shown[place].append

    ones = [Presence(bus, 10.0, lambda: now[0]) for _ in range(2)]
    with ones[0].there(WORLD, Shown(0)), ones[1].there(WORLD, Shown(1)):
        for place, count in ((0, 3), (1, 4)):
            ones[place]._lines[WORLD] |= {Shown(place) for _ in range(count)}
        for slot in (10, 11):
            for one in ones:
                await one._count(WORLD, slot)
        assert '"viewers":5' in shown[0][-1]
        for slot in (12, 13):  # the other process has died
            await ones[0]._count(WORLD, slot)
        assert '"viewers":1' in shown[0][-1]


@given(st.integers(0, 10**7))
def test_a_coarse_count_is_at_most_the_count_and_one_of_few(count: int) -> None:
    shown = coarse(count)
    assert shown <= count < max(5, shown * 2.5) or count == 0
    assert shown == 0 or str(shown).rstrip("0") in ("1", "2", "5")
    assert not 1 < shown < 5
