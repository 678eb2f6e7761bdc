"""Brokers, and those who publish there, that send too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from mirrord.mqtt import Broker, connected
from tests.fakes.hub import HubMirror, listening, running
from tests.fakes.mosquitto import Mosquitto

SOON_S = 10.0
HUGE = b"\x30\xff\xff\xff\x7f"  # a message of 256 MB begins
SMALL = b"\x30\x07\x00\x03a/b\x00x"  # to the topic a/b, without properties: "x"
WELCOME = b"\x20\x03\x00\x00\x00"


@asynccontextmanager
async def broker_that_sends(flood: bytes) -> AsyncIterator[Broker]:
    """Serve whoever connects a welcome, and then whatever the flood is."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(WELCOME + flood)
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Broker("127.0.0.1", server.sockets[0].getsockname()[1])
        over.set()
        await asyncio.sleep(0)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_packet_too_large_ends_the_connection_before_it_is_taken_in() -> None:
    async with (
        broker_that_sends(HUGE) as broker,
        connected(broker, {}, lambda *_: None, lambda *_: None) as link,
    ):
        await until(lambda: not link.alive)


async def test_a_flood_leaves_everybody_else_their_turn() -> None:
    heard = [0]
    longest = 0

    def hear(*_: object) -> None:
        heard[0] += 1

    async with (
        broker_that_sends(SMALL * 20_000) as broker,
        connected(broker, {}, hear, lambda *_: None),
        asyncio.timeout(SOON_S),
    ):
        before = heard[0]
        while heard[0] < 3000:
            await asyncio.sleep(0)
            longest, before = max(longest, heard[0] - before), heard[0]
    assert longest <= 200


async def test_a_huge_command_does_not_reach_the_hub(tmp_path: Path) -> None:
    mirror = HubMirror()
    async with (
        Mosquitto(tmp_path) as broker,
        listening(broker.host, broker.port) as ear,
        running(mirror, host=broker.host, port=broker.port),
    ):
        await ear.wait("/availability", b"online")
        base = next(one for one in ear.last if one.endswith("/availability")).rpartition("/")[0]
        ear.ask(f"{base}/set/mute", "x" * 1_000_000)
        ear.ask(f"{base}/set/mute", "maybe")
        said = await ear.wait("/error", lambda one: "ON or OFF" in one["error"])
        assert said
        assert ear.count("/error") == 1
        assert ear.last[f"{base}/availability"] == b"online"
