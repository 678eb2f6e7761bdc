"""The live socket: the newest state, soon, to everyone who reads."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from mirrord.web import live as live_module
from mirrord.web import make_app, serve
from tests.fakes.mirror import FakeMirror


async def test_says_the_state_at_once_and_then_each_change(
    mirror: FakeMirror, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect("/live") as live:
        first = await live.receive_json(timeout=5)
        assert first["mood"]["dominant_emotion"] == "joy"
        await mirror.show("melancholy")
        second = await live.receive_json(timeout=5)
        assert second["mood"]["dominant_emotion"] == "melancholy"
        assert second["rev"] > first["rev"]


async def test_a_burst_arrives_as_its_newest(
    mirror: FakeMirror, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect("/live") as live:
        await live.receive_json(timeout=5)
        started = time.monotonic()
        for name in range(300):
            await mirror.change(name=str(name))
            await asyncio.sleep(0)
        heard = []
        while not heard or heard[-1]["name"] != "299":
            heard.append(await live.receive_json(timeout=5))
        most = 2 + (time.monotonic() - started) / live_module.PAUSE_S
    assert len(heard) <= most


async def test_a_still_mirror_repeats_itself(session: aiohttp.ClientSession) -> None:
    async with session.ws_connect("/live") as live:
        first = await live.receive_json(timeout=5)
        again = await live.receive_json(timeout=live_module.REPEAT_S + 5)
    assert again["rev"] == first["rev"]
    assert again["time"] > first["time"]


async def test_who_does_not_read_is_let_go_and_disturbs_nobody(
    mirror: FakeMirror, session: aiohttp.ClientSession
) -> None:
    host, port = session._base_url.host, session._base_url.port
    reader, writer = await asyncio.open_connection(host, port, limit=1024)
    writer.write(
        b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    await mirror.change(detail="x" * 8_000_000)  # more than any buffer on the way holds
    await asyncio.sleep(0.3)
    await mirror.change(detail="")
    async with session.ws_connect("/live") as live, asyncio.timeout(5):
        for name in ("one", "two"):
            await mirror.change(name=name)
            while (await live.receive_json())["name"] != name:
                pass
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(_ping_for_ever(writer), live_module.SEND_S + 15)
    writer.transport.abort()


async def _ping_for_ever(writer: asyncio.StreamWriter) -> None:
    """Write without reading, which is how a lost connection is noticed."""
    while True:
        writer.write(b"\x89\x80\0\0\0\0")
        await writer.drain()
        await asyncio.sleep(0.1)


async def test_only_so_many_look_at_once(session: aiohttp.ClientSession) -> None:
    lives = [await session.ws_connect("/live") for _ in range(live_module.MAX_LOOKERS)]
    async with session.get("/live") as response:
        assert response.status == 503
        assert "looking already" in (await response.json())["message"]
    await asyncio.gather(*(live.close() for live in lives))
    async with session.ws_connect("/live") as live:
        assert (await live.receive_json(timeout=5))["v"] == 1


async def test_the_end_of_the_mirror_says_goodbye(mirror: FakeMirror) -> None:
    async with aiohttp.ClientSession() as session:
        async with serve(make_app(mirror), "127.0.0.1", 0) as address:
            live = await session.ws_connect(address + "live")
            await live.receive_json(timeout=5)
            goodbye = asyncio.create_task(live.receive(timeout=5))
        message = await goodbye
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)
        await live.close()


async def test_a_request_without_upgrade_is_answered(session: aiohttp.ClientSession) -> None:
    async with session.get("/live") as response:
        assert response.status == 400
        assert (await response.json())["success"] is False
