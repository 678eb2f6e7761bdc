"""Connections that are many, slow or idle: what takes no account on the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import web

from mirrord.api.guests import Guests
from mirrord.api.server import PlainRunner
from mirrord.web import make_app
from tests.fakes.mirror import FakeMirror

HEAD_S = 0.3
SOON_S = 10.0


@asynccontextmanager
async def page(most: int = 100) -> AsyncIterator[int]:
    """Serve a page that is impatient, and takes few; yields its port."""
    runner = PlainRunner(
        make_app(FakeMirror()), shutdown_timeout=1.0, guests=Guests(most), head_s=HEAD_S
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def said(port: int, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """Send parts with pauses; return all that comes until the page hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reading = asyncio.create_task(_all(reader))
    try:
        for part in parts:
            if reading.done():
                break
            writer.write(part)
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(SOON_S):
            return await reading
    finally:
        reading.cancel()
        writer.close()


async def _all(reader: asyncio.StreamReader) -> bytes:
    """Return what was sent, also where the line was cut at last."""
    found = b""
    with suppress(ConnectionError):
        while some := await reader.read(4096):
            found += some
    return found


async def is_served(port: int) -> bool:
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/words/now") as answer,
        ):
            return answer.status == 200
    except aiohttp.ClientError:
        return False


HEAD = b"GET /words/now HTTP/1.1\r\nHost: 127.0.0.1\r\n"


async def test_a_head_that_never_ends_is_not_waited_for() -> None:
    async with page() as port:
        assert await said(port, HEAD + b"X: ", *[b"a"] * 20, pause_s=HEAD_S / 4) == b""
        assert await said(port) == b""


async def test_nor_is_a_second_one_on_the_same_connection() -> None:
    async with page() as port:
        answer = await said(port, HEAD + b"\r\n", HEAD, *[b"X"] * 20, pause_s=HEAD_S / 4)
        assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_connection_may_rest_between_requests() -> None:
    async with page() as port:
        last = HEAD + b"Connection: close\r\n\r\n"
        answer = await said(port, HEAD + b"\r\n", last, pause_s=HEAD_S * 3)
        assert answer.count(b"HTTP/1.1 200") == 2


async def test_a_socket_stays_open_for_longer_than_a_head_may_take() -> None:
    async with (
        page() as port,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/live") as socket,
    ):
        await asyncio.sleep(HEAD_S * 2)
        await socket.send_str("x")
        await asyncio.sleep(HEAD_S * 2)
        assert (await socket.receive(SOON_S)).type is aiohttp.WSMsgType.TEXT
        assert not socket.closed


async def test_a_page_that_is_full_serves_again_once_somebody_leaves() -> None:
    async with page(most=3) as port:
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        assert await said(port, HEAD + b"\r\n") == b""
        for _, writer in lines:
            writer.close()
        async with asyncio.timeout(SOON_S):
            while not await is_served(port):
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("crowd", "other"), [("10.0.0.9", "10.0.0.8"), ("fd00::1:0:0:0:1", "fd00:0:0:2::1")]
)
def test_one_place_cannot_take_every_connection(crowd: str, other: str) -> None:
    guests = Guests(most=20, from_one=5)
    assert [guests.enter(crowd) for _ in range(7)] == [True] * 5 + [False] * 2
    assert guests.enter(other)
    assert all(guests.enter("127.0.0.1") for _ in range(10))
    guests.leave(crowd)
    assert guests.enter(f"{crowd}%eth0")


def test_an_ipv6_network_is_one_place() -> None:
    guests = Guests(most=20, from_one=2)
    assert [guests.enter(f"fd00::{one}") for one in range(2, 6)] == [True, True, False, False]
    assert guests.enter("::ffff:10.0.0.1")
    assert guests.enter("10.0.0.1")
    assert not guests.enter("10.0.0.1")
