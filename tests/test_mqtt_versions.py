"""Brokers that speak MQTT 3.1.1 alone, and how they meet a client that tries 5 first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mirrord.mqtt import Broker, Message, connected, link
from mirrord.simulator.broker import SimulatedBroker

WELCOME, TOO_NEW = b"\x20\x02\x00\x00", b"\x20\x02\x00\x01"


@asynccontextmanager
async def old_broker(manner: str) -> AsyncIterator[tuple[Broker, list[int]]]:
    """Serve 3.1.1; others it refuses, hangs up on, or leaves waiting. Gives the versions tried."""
    tried: list[int] = []
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.read(1024)
        version = hello[hello.index(b"MQTT") + 4]
        tried.append(version)
        if version == 4 or manner == "refuses":
            writer.write(WELCOME if version == 4 else TOO_NEW)
        if version == 4 or manner == "waits":
            await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Broker("127.0.0.1", server.sockets[0].getsockname()[1]), tried
        over.set()
        await asyncio.sleep(0)


def nothing(*_: object) -> None:
    """Take what nobody asked for."""


@pytest.mark.parametrize("manner", ["refuses", "hangs up", "waits"])
async def test_an_old_broker_is_met_half_way_and_remembered(
    manner: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(link, "ANSWER_S", 0.5 if manner == "waits" else 5.0)
    memory: dict[str, object] = {}
    async with old_broker(manner) as (broker, tried):
        for _ in range(2):
            async with connected(broker, memory, nothing, nothing) as there:
                assert there.alive
        assert tried == [5, 4, 4]
        assert memory == {f"mqtt:{broker.where}": "3.1.1"}


async def test_the_simulated_broker_tells_a_newer_client_so(caplog: pytest.LogCaptureFixture):
    """With a will, where amqtt by itself would wait for more."""
    caplog.set_level(logging.DEBUG, "mirrord.mqtt")
    async with SimulatedBroker() as simulated:
        will = Message("a/gone", "x", retain=True)
        broker = Broker(simulated.host, simulated.port, will=will)
        async with connected(broker, {}, nothing, nothing) as there:
            assert there.alive
    assert "Unsupported protocol version; trying MQTT 3.1.1" in caplog.text
    assert "does not answer" not in caplog.text
