"""The thermostat driver and its broker: versions, credentials, certificates, outages."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver import Environment, Refused, Unavailable
from mirrord.runtime.secret import write_secret
from mirrord.simulator.broker import SimulatedBroker, free_port
from mirrord.simulator.climate import SimulatedClimate
from mirrord.testing import BRIGHT, DIM
from mirrord_thermostat.room import Room
from tests.fakes.mosquitto import Mosquitto, certificates
from tests.fakes.tcp_proxy import TcpProxy
from tests.fakes.thermostat_bench import Bench
from tests.waiting import until

GONE = replace(BRIGHT, present=False)
ACL = """
user room
topic readwrite #
user mirror
topic read #
"""


@asynccontextmanager
async def climate(
    broker: Mosquitto | SimulatedBroker, **more: Any
) -> AsyncIterator[SimulatedClimate]:
    async with SimulatedClimate(broker.host, broker.port, **more) as one:
        await one.connected()
        yield one


def walls(one: SimulatedClimate, **more: Any) -> dict[str, Any]:
    """Return a table with the wall thermostat alone."""
    table = one.settings()
    return {
        "host": table["host"],
        "port": table["port"],
        "thermostats": table["thermostats"][:1],
    } | more


async def lost(room: Room, wish: Environment, within_s: float = 15.0) -> Unavailable:
    """Apply until the driver notices that its broker is away."""
    end = asyncio.get_running_loop().time() + within_s
    while asyncio.get_running_loop().time() < end:
        try:
            await room.apply(wish)
        except Unavailable as reason:
            return reason
        await asyncio.sleep(0.05)
    raise AssertionError("the loss was not noticed")


async def test_speaks_mqtt_5_where_the_broker_does(tmp_path: Path):
    async with Mosquitto(tmp_path) as broker, climate(broker) as one:
        bench = Bench()
        async with bench.open(walls(one)) as room:
            await room.apply(BRIGHT)
            await until(lambda: one.thermostat.setpoint == 24.0, "the wish did not arrive")
        assert not any(key.startswith("mqtt:") for key in bench.kept)


async def test_falls_back_to_3_1_1_and_remembers():
    async with SimulatedBroker() as broker, climate(broker) as one:
        bench = Bench()
        for _ in range(2):
            async with bench.open(walls(one)) as room:
                await room.apply(BRIGHT)
                await until(lambda: one.thermostat.setpoint == 24.0, "the wish did not arrive")
            await asyncio.sleep(0)
            assert bench.kept[f"mqtt:{broker.host}:{broker.port}"] == "3.1.1"


async def test_falls_back_where_an_old_broker_waits_for_the_rest_of_the_packet(tmp_path: Path):
    """With a username, amqtt reads MQTT 5's CONNECT as a longer one, and says nothing."""
    write_secret(tmp_path / "password", "x")
    async with SimulatedBroker() as broker, climate(broker) as one:
        named = walls(one, username="mirror", password_file=str(tmp_path / "password"))
        async with Bench().open(named) as room:
            await room.apply(BRIGHT)
            await until(lambda: one.thermostat.setpoint == 24.0, "the wish did not arrive")


async def test_no_broker_is_unavailable():
    with pytest.raises(Unavailable, match="no MQTT broker at"):
        async with Bench().open({"host": "127.0.0.1", "port": free_port()}):
            pass


async def test_no_host_is_refused():
    with pytest.raises(Refused, match="set host in"):
        async with Bench().open({}):
            pass


@pytest.mark.parametrize("name", ["no such host.invalid", "x" * 80 + ".invalid"])
async def test_a_host_that_is_no_host_is_said(name: str):
    with pytest.raises((Refused, Unavailable)):
        async with Bench().open({"host": name}):
            pass


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x7f" + b"\xff" * 127, b"\xff" * 99]
)
async def test_something_that_is_no_broker_is_unavailable(answer: bytes):
    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable, match="broker"):
            async with Bench().open({"host": "127.0.0.1", "port": port}):
                pass


@pytest.mark.parametrize("right", [True, False])
async def test_passwords(right: bool, tmp_path: Path):
    secret = tmp_path / "password"
    write_secret(secret, "open sesame" if right else "open barley")
    async with (
        Mosquitto(tmp_path, users={"mirror": "open sesame", "room": "x"}) as broker,
        climate(broker, username="room", password="x") as one,
    ):
        opening = Bench().open(walls(one, username="mirror", password_file=str(secret)))
        if right:
            async with opening as room:
                await room.apply(BRIGHT)
                await until(lambda: one.thermostat.setpoint == 24.0, "the wish did not arrive")
            return
        with pytest.raises(Refused, match="does not let in the user 'mirror'") as refusal:
            async with opening:
                pass
        assert "barley" not in str(refusal.value)


async def test_a_password_that_others_can_read_is_refused(tmp_path: Path):
    (tmp_path / "password").write_text("x")
    (tmp_path / "password").chmod(0o644)
    table = {"host": "127.0.0.1", "username": "a", "password_file": str(tmp_path / "password")}
    with pytest.raises(Refused, match="can be read by others"):
        async with Bench().open(table):
            pass


async def test_what_the_broker_does_not_allow_is_shown(tmp_path: Path):
    write_secret(tmp_path / "password", "x")
    async with (
        Mosquitto(tmp_path, users={"mirror": "x", "room": "y"}, acl=ACL) as broker,
        climate(broker, username="room", password="y") as one,
    ):
        bench = Bench()
        named = walls(one, username="mirror", password_file=str(tmp_path / "password"))
        async with bench.open(named) as room:
            await room.apply(BRIGHT)
            await until(lambda: bench.value("thermostat", "problem"), "nothing is shown")
            problem = str(bench.value("thermostat", "problem"))
            assert "does not allow to publish to simulated/thermostat/temperature/set" in problem
        assert one.thermostat.commands == []


@pytest.mark.parametrize("trusted", [True, False])
async def test_certificates(trusted: bool, tmp_path: Path):
    tls = certificates(tmp_path / "tls")
    other = certificates(tmp_path / "other")
    async with Mosquitto(tmp_path, tls=tls) as broker:
        bench = Bench()
        table = {
            "host": broker.host,
            "port": broker.port,
            "tls": True,
            "ca_file": str((tls if trusted else other) / "ca.crt"),
            "sensors": [{"topic": "a", "measures": "humidity"}],
        }
        if trusted:
            async with bench.open(table) as room:
                await room.apply(BRIGHT)
                await asyncio.sleep(0.2)
                await room.apply(BRIGHT)
            return
        with pytest.raises(Refused, match="certificate is not trusted"):
            async with bench.open(table):
                pass


async def test_a_certificate_for_another_address_is_refused(tmp_path: Path):
    tls = certificates(tmp_path / "tls", "127.0.0.9")
    async with Mosquitto(tmp_path, tls=tls) as broker:
        table = {"host": broker.host, "port": broker.port, "tls": True}
        with pytest.raises(Refused, match="certificate is not trusted"):
            async with Bench().open({**table, "ca_file": str(tls / "ca.crt")}):
                pass


async def test_a_broker_without_tls_is_told_from_one_with(tmp_path: Path):
    async with Mosquitto(tmp_path) as broker:
        with pytest.raises(Unavailable, match="does not speak TLS"):
            async with Bench().open({"host": broker.host, "port": broker.port, "tls": True}):
                pass


async def test_certificates_that_are_none_are_refused(tmp_path: Path):
    (tmp_path / "ca").write_text("hello")
    for path in (tmp_path / "ca", tmp_path / "nothing"):
        with pytest.raises(Refused, match="ca_file"):
            async with Bench().open({"host": "127.0.0.1", "tls": True, "ca_file": str(path)}):
                pass


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
async def test_no_stale_setpoint_after_an_outage(how: signal.Signals, tmp_path: Path):
    async with Mosquitto(tmp_path) as broker, climate(broker) as one:
        bench = Bench()
        async with bench.open(walls(one)) as room:
            await room.apply(BRIGHT)
            await until(lambda: one.thermostat.setpoint == 24.0, "the wish did not arrive")
            await broker.stop(how)
            overtaken = replace(BRIGHT, temperature_c=22.0)
            await lost(room, overtaken)
            with pytest.raises(Unavailable):
                await room.apply(overtaken)
        one.thermostat.commands.clear()
        with pytest.raises(Unavailable):
            async with bench.open(walls(one)):
                pass
        await broker.start()
        await one.connected()
        async with bench.open(walls(one)) as room:
            await room.apply(replace(DIM, temperature_c=21.0))
            await until(lambda: one.thermostat.setpoint == 21.0, "the new wish did not arrive")
            await asyncio.sleep(0.3)
            assert one.thermostat.commands == ["21"]
        await until(lambda: one.thermostat.setpoint == 20.0, "the old setpoint did not come back")
        assert one.thermostat.commands == ["21", "20"]


async def test_a_network_that_falls_silent_is_noticed(tmp_path: Path):
    async with (
        Mosquitto(tmp_path) as broker,
        climate(broker) as one,
        TcpProxy(broker.host, broker.port) as network,
    ):
        bench = Bench()
        table = walls(one, port=network.port, keepalive_s=1)
        async with bench.open(table) as room:
            await room.apply(BRIGHT)
            await until(lambda: one.thermostat.setpoint == 24.0, "the wish did not arrive")
            network.hang()
            await lost(room, BRIGHT)
        await network.resume()
        async with bench.open(table) as room:
            await room.apply(GONE)
            await until(lambda: one.thermostat.setpoint == 20.0, "the old one did not come back")


async def test_leaving_a_silent_broker_drops_what_it_has_not_read():
    """The kernel, too, delivers late: what is abandoned has to end in a reset, not a farewell."""
    seen: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        loop = asyncio.get_running_loop()
        server.setblocking(False)

        async def answer() -> None:
            line, _ = await loop.sock_accept(server)
            with line:
                line.setblocking(False)
                await loop.sock_recv(line, 1000)
                await loop.sock_sendall(line, bytes((0x20, 3, 0, 0, 0)))  # CONNACK, MQTT 5
                await left.wait()
                try:
                    while await loop.sock_recv(line, 1000):
                        pass
                    seen.append("farewell")
                except ConnectionResetError as error:
                    seen.append(error)

        left = asyncio.Event()
        answering = asyncio.create_task(answer())
        table = {"host": "127.0.0.1", "port": port}
        thermostat = {"kind": "tasmota", "topic": "boiler"}
        async with Bench().open({**table, "thermostats": [thermostat]}) as room:
            await room.apply(BRIGHT)  # asks the boiler, unacknowledged
        left.set()
        await answering
    assert isinstance(seen[0], ConnectionResetError)


async def test_a_broker_that_babbles_is_lost_without_a_traceback(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(bytes((0x20, 3, 0, 0, 0)))  # CONNACK
        writer.write(bytes((0x30, 5, 0, 3, 0xFF, 0xFE, 0xFD)))  # a topic that is no text
        writer.write(bytes((0x90, 1, 7, 0x00, 0xF0, 1, 0xFF)))  # answers to nothing
        await _silent(reader, writer)

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Bench().open({"host": "127.0.0.1", "port": port}) as room:
            await lost(room, BRIGHT)
    assert "Traceback" not in caplog.text + capsys.readouterr().err


async def test_it_opens_in_time_when_nothing_answers():
    """A broker that takes the connection and says nothing."""
    async with await asyncio.start_server(_silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        started = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable, match="does not answer"):
            async with Bench().open({"host": "127.0.0.1", "port": port}):
                pass
        assert asyncio.get_running_loop().time() - started < 14.0  # the host grants 15


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        await reader.read()
    writer.close()
