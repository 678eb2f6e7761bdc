"""How the hub gets in at a broker, and how it leaves nothing there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mirrord.config import HubSettings
from mirrord.errors import MirrorError, Unavailable
from mirrord.hub import clear, reach
from mirrord.runtime.secret import write_secret
from mirrord.simulator.broker import SimulatedBroker
from tests.fakes.hub import ONLINE, HubMirror, at, listening, running
from tests.fakes.mosquitto import Mosquitto, certificates
from tests.waiting import until


async def test_tls_and_a_password(tmp_path: Path):
    tls = certificates(tmp_path / "tls")
    write_secret(tmp_path / "secret", "sesame")
    async with Mosquitto(tmp_path, users={"mirror": "sesame"}, tls=tls) as broker:
        more = {"tls": True, "ca_file": str(tls / "ca.crt"), "username": "mirror"}
        settings = at(broker, password_file=str(tmp_path / "secret"), **more)
        async with running(HubMirror(), **settings) as hub:
            await until(lambda: hub.status.state == "ready")


async def test_a_certificate_of_the_mirror_s_own_lets_it_in(tmp_path: Path):
    tls = certificates(tmp_path / "tls")
    async with Mosquitto(tmp_path, tls=tls, wants_certificate=True) as broker:
        trusted = at(broker, tls=True, ca_file=str(tls / "ca.crt"))
        own = {"cert_file": str(tls / "mirror.crt"), "key_file": str(tls / "mirror.key")}
        async with running(HubMirror(), **trusted, **own) as hub:
            await until(lambda: hub.status.state == "ready")
        async with running(HubMirror(), **trusted) as hub:
            await until(lambda: hub.status.state == "unavailable")
        own = {"cert_file": str(tls / "nothing.crt")}
        async with running(HubMirror(), **trusted, **own) as hub:
            await until(lambda: hub.status.state == "refused")
    assert "cannot be read as a certificate" in hub.status.error


async def test_a_certificate_of_strangers_is_refused(tmp_path: Path):
    tls, other = certificates(tmp_path / "tls"), certificates(tmp_path / "other")
    async with Mosquitto(tmp_path, tls=tls) as broker:
        settings = at(broker, tls=True, ca_file=str(other / "ca.crt"))
        async with running(HubMirror(), **settings) as hub:
            await until(lambda: hub.status.state == "refused")
    assert "certificate is not trusted" in hub.status.error


async def test_a_wrong_password_is_refused_and_never_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    write_secret(tmp_path / "secret", "hunter2hunter2")
    async with Mosquitto(tmp_path, users={"mirror": "sesame"}) as broker:
        settings = at(broker, username="mirror", password_file=str(tmp_path / "secret"))
        async with running(HubMirror(), **settings) as hub:
            await until(lambda: hub.status.state == "refused")
    assert "check username and password_file" in hub.status.error
    assert "hunter2" not in caplog.text + hub.status.error


async def test_a_topic_that_may_not_be_written_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    acl = "user mirror\ntopic read #\ntopic write mirrord/#\n"
    write_secret(tmp_path / "secret", "sesame")
    async with Mosquitto(tmp_path, users={"mirror": "sesame"}, acl=acl) as broker:
        settings = at(broker, username="mirror", password_file=str(tmp_path / "secret"))
        async with running(HubMirror(), **settings):
            await until(lambda: "does not allow to publish to homeassistant/" in caplog.text)


async def test_speaks_to_a_broker_of_mqtt_3():
    async with SimulatedBroker() as broker:
        memory: dict[str, Any] = {}
        hub = running(HubMirror(), memory, **at(broker))
        async with hub, listening(broker.host, broker.port) as ear:
            await ear.wait("/availability", ONLINE)
            await ear.wait("/mood")
        assert "3.1.1" in memory.values()


async def test_forgetting_clears_every_topic(broker: Mosquitto):
    memory: dict[str, Any] = {}
    settings = HubSettings(**at(broker))
    async with running(HubMirror(), memory, **at(broker)) as hub:
        await until(lambda: hub.status.state == "ready")
        async with listening(broker.host, broker.port) as ear:
            await ear.wait("/availability", ONLINE)
            await ear.wait("/mood")
        with pytest.raises(MirrorError, match="the mirror is running"):
            await clear(settings, memory)
    assert await clear(settings, memory) > 5
    async with listening(broker.host, broker.port) as after:
        await asyncio.sleep(0.3)
        assert after.heard == []


async def test_a_visit_says_whether_the_broker_lets_the_mirror_in(broker: Mosquitto):
    async with listening(broker.host, broker.port) as ear:
        assert await reach(HubSettings(**at(broker))) == f"{broker.host}:{broker.port}"
        await broker.stop()
        assert ear.heard == []
    with pytest.raises(Unavailable, match="no MQTT broker at"):
        await reach(HubSettings(**at(broker)))
