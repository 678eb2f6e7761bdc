"""The socket: rooms by session, checked as REST is, and nobody waits for a slow client."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import WSMsgType, WSServerHandshakeError
from yarl import URL

from mirrord.api.rooms import Listener, Rooms
from mirrord.web.emotions import announce
from tests.api_kit import MOODS, Served, seen, served

DATA = {"type": "emotion_data", **MOODS}
PATIENCE_S = 10.0


@pytest_asyncio.fixture
async def mirror(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as mirror:
        mirror.store.on_reading(lambda name, reading: announce(mirror.rooms, name, reading))
        yield mirror


async def hear(ws: aiohttp.ClientWebSocketResponse) -> Any:
    return await ws.receive_json(timeout=PATIENCE_S)


async def hears_nothing(ws: aiohttp.ClientWebSocketResponse) -> None:
    """Check that the next thing heard is the answer to what is asked now."""
    await ws.send_json({"type": "ping"})
    assert await hear(ws) == {"type": "pong"}


async def test_a_ping_is_answered(mirror: Served) -> None:
    async with mirror.http.ws_connect("/ws/emotions/") as ws:
        await ws.send_json({"type": "ping"})
        assert await hear(ws) == {"type": "pong"}


@pytest.mark.parametrize(
    "path", ["/ws/emotions/s1/", "/ws/emotions/s1", "/ws/emotions/?session_id=s1", "/ws/emotions"]
)
async def test_a_reading_of_the_session_is_told_to_its_room_and_to_all(
    mirror: Served, path: str
) -> None:
    async with (
        mirror.http.ws_connect(path) as ws,
        mirror.http.ws_connect("/ws/emotions/other/") as other,
    ):
        made = (await mirror.post("api/readings/", {"session_id": "s1", **MOODS}))[1]["data"]
        made.pop("environment_response")
        assert await hear(ws) == {"type": "emotion_update", "data": made}
        await hears_nothing(other)


async def test_what_the_camera_sees_is_told_at_once(mirror: Served) -> None:
    async with mirror.http.ws_connect("/ws/emotions/in-front/") as ws:
        mirror.store.add_reading("in-front", seen("sad"))
        update = (await hear(ws))["data"]
    assert update["id"] is None  # it is not written yet
    assert (update["session_id"], update["expression"]) == ("in-front", "sad")
    await mirror.store.flush()
    stored = (await mirror.get("api/readings/"))[1]["results"][0]
    assert stored["joy"] == pytest.approx(update["joy"], abs=1e-4)
    assert stored["timestamp"][:23] == update["timestamp"][:23]


async def test_a_reading_that_is_sent_is_stored_and_told(mirror: Served) -> None:
    async with (
        mirror.http.ws_connect("/ws/emotions/s1/") as one,
        mirror.http.ws_connect("/ws/emotions/s1/") as two,
    ):
        await one.send_json(DATA)
        told = await hear(one)
        assert told == await hear(two)
    assert told["type"] == "emotion_update"
    stored = (await mirror.get(f"api/readings/{told['data']['id']}/"))[1]["data"]
    assert stored == told["data"]
    assert (stored["session_id"], stored["user"]) == ("s1", "anna")


async def test_without_a_session_a_client_gets_one_of_its_own(mirror: Served) -> None:
    async with mirror.http.ws_connect("/ws/emotions/") as ws:
        await ws.send_json(DATA)
        await ws.send_json(DATA)
        sessions = {(await hear(ws))["data"]["session_id"] for _ in range(2)}
        await ws.send_json({**DATA, "session_id": "named"})
        assert (await hear(ws))["data"]["session_id"] == "named"
    assert len(sessions) == 1
    assert (await mirror.get("api/sessions/"))[1]["count"] == 2


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({**DATA, "joy": 99}, "joy: expected a number from 0 to 1, not 99"),
        ({**DATA, "jov": 0.1}, "jov: no such parameter; did you mean joy?"),
        ({"type": "emotion_data", "joy": 0.5}, "calm: is missing"),
        ({**DATA, "session_id": "a\n"}, "session_id: "),
        ({"type": "emotion_dat"}, "did you mean emotion_data?"),
        ({"type": 5}, "type: expected one of emotion_data, ping"),
        ({"type": "ping", "extra": 1}, "extra: no such parameter"),
        ({}, "type: expected"),
        ([], "Send a JSON object"),
        ("{", "no valid JSON"),
        ("", "no valid JSON"),
        ("[" * 2000, ""),
        ('{"type": "emotion_data", "joy": NaN}', "no valid JSON"),
        (b"\x00\x01", "not as bytes"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_stored(
    mirror: Served, said: Any, answer: str
) -> None:
    async with mirror.http.ws_connect("/ws/emotions/s1/") as ws:
        if isinstance(said, bytes):
            await ws.send_bytes(said)
        elif isinstance(said, str):
            await ws.send_str(said)
        else:
            await ws.send_json(said)
        told = await hear(ws)
        assert told["type"] == "error"
        assert answer in told["message"]
        await hears_nothing(ws)
    assert (await mirror.get("api/readings/"))[1]["count"] == 0


async def test_who_may_only_read_hears_and_writes_nothing(mirror: Served) -> None:
    reader = {"Authorization": "Token reader"}
    async with mirror.http.ws_connect("/ws/emotions/s1/", headers=reader) as ws:
        await ws.send_json(DATA)
        told = await hear(ws)
        assert told["type"] == "error"
        assert "control" in told["message"]
        await mirror.post("api/readings/", {"session_id": "s1", **MOODS})
        assert (await hear(ws))["type"] == "emotion_update"
    assert (await mirror.get("api/readings/"))[1]["count"] == 1


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({"Authorization": ""}, "/ws/emotions/", 401),
        ({"Host": "evil.example"}, "/ws/emotions/", 403),
        ({}, "/ws/emotions/?session=s1", 400),
        ({}, "/ws/emotions/?session_id=" + "x" * 101, 400),
        ({}, "/ws/emotions/s1/?session_id=s1&session_id=s2", 400),
        ({}, "/ws/emotions/%00/", 400),
    ],
)
async def test_who_is_not_let_in(
    mirror: Served, headers: dict[str, str], path: str, status: int
) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await mirror.http.ws_connect(path, headers=headers)
    assert refused.value.status == status
    assert len(mirror.rooms) == 0


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_no_foreign_page_opens_it_with_a_browsers_cookie(
    mirror: Served, headers: dict[str, str]
) -> None:
    """A page cannot set Authorization on a socket, so only what comes without one is doubted."""
    async with aiohttp.ClientSession(mirror.url) as browser:
        with pytest.raises(WSServerHandshakeError) as refused:
            await browser.ws_connect("/ws/emotions/s1/", headers=headers)
    assert refused.value.status == 403


async def test_a_plain_request_is_told_so(mirror: Served) -> None:
    async with mirror.http.get("/ws/emotions/") as response:
        assert response.status == 426
        assert (await response.json())["message"].startswith("This address speaks WebSocket")


async def test_a_message_that_is_too_large_ends_the_connection(mirror: Served) -> None:
    async with mirror.http.ws_connect("/ws/emotions/") as ws:
        await ws.send_str("x" * 5000)
        message = await ws.receive(timeout=PATIENCE_S)
        assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        assert ws.close_code == 1009


async def test_only_so_many_listen_at_once(mirror: Served, monkeypatch: Any) -> None:
    for resource in mirror.app.router.resources():
        if resource.canonical == "/ws/emotions/":
            route = next(iter(resource))
            monkeypatch.setattr(route.handler.__self__, "most", 2)
    async with (
        mirror.http.ws_connect("/ws/emotions/"),
        mirror.http.ws_connect("/ws/emotions/") as second,
    ):
        with pytest.raises(WSServerHandshakeError) as refused:
            await mirror.http.ws_connect("/ws/emotions/")
        assert refused.value.status == 503
        await second.close()
        await asyncio.sleep(0.1)
        async with mirror.http.ws_connect("/ws/emotions/") as third:
            await hears_nothing(third)


async def connect_deaf(mirror: Served, path: str) -> asyncio.StreamWriter:
    """Open a socket that never reads, over a connection that holds little on its way."""
    url = URL(mirror.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, (url.host, url.port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=1024)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token owner\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    return writer


async def test_who_does_not_read_is_let_go_and_nobody_waits(
    mirror: Served, monkeypatch: Any
) -> None:
    monkeypatch.setattr("mirrord.api.socket.SEND_S", 0.3)
    deaf = await connect_deaf(mirror, "/ws/emotions/s1/")
    async with mirror.http.ws_connect("/ws/emotions/s2/") as reading:
        loop = asyncio.get_running_loop()
        end = loop.time() + 20
        while len(mirror.rooms) == 2 and loop.time() < end:
            for _ in range(16):
                announce(mirror.rooms, "s1", seen())
            await asyncio.sleep(0)
        assert len(mirror.rooms) == 1
        announce(mirror.rooms, "s2", seen())
        assert (await hear(reading))["type"] == "emotion_update"
    deaf.transport.abort()


async def test_the_newest_wins_where_a_client_is_slow() -> None:
    listener = Listener(None)
    for number in range(100):
        listener.tell(str(number))
    told = [await listener.next() for _ in range(16)]
    assert told == [str(number) for number in range(84, 100)]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(listener.next(), 0.01)


def test_rooms_forget_those_who_leave() -> None:
    rooms = Rooms()
    one, two = Listener("s1"), Listener(None)
    rooms.enter(one)
    assert not rooms.listens("s2")
    rooms.enter(two)
    assert rooms.listens("s2")
    rooms.leave(one)
    rooms.leave(two)
    rooms.leave(two)
    assert len(rooms) == 0
    assert not rooms.listens("s1")


async def test_the_end_is_said_to_everyone(tmp_path: Path) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": "Token owner"}) as http:
        async with served(tmp_path) as mirror:
            sockets = [await http.ws_connect(f"{mirror.url}/ws/emotions/") for _ in range(5)]
            listening = [asyncio.create_task(one.receive(timeout=PATIENCE_S)) for one in sockets]
            await asyncio.sleep(0.05)
        messages = await asyncio.gather(*listening)
        assert {message.data for message in messages} == {1001}  # going away
        await asyncio.gather(*(one.close() for one in sockets))
