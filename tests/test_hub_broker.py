"""The hub at the wire, against a real mosquitto."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mirrord.config import HubSettings
from mirrord.errors import MirrorError, Unavailable
from mirrord.hub import clear, reach
from mirrord.mqtt import Broker, connected
from mirrord.runtime.secret import write_secret
from mirrord.simulator.broker import SimulatedBroker
from tests.fakes.hub import Ear, HubMirror, listening, running
from tests.fakes.mosquitto import Mosquitto, certificates
from tests.fakes.tcp_proxy import TcpProxy

ONLINE, OFFLINE = b"online", b"offline"


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with Mosquitto(tmp_path) as one:
        yield one


def at(broker: Any, **more: Any) -> dict[str, Any]:
    return {"host": broker.host, "port": broker.port, **more}


def device(ear: Ear) -> dict[str, Any]:
    topic = next(topic for topic in ear.last if topic.startswith("homeassistant/device/"))
    found: dict[str, Any] = json.loads(ear.last[topic])
    return found


async def until(true: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


async def test_announces_itself_and_says_how_the_mirror_is(broker: Mosquitto):
    mirror = HubMirror("joy")
    async with (
        listening(broker.host, broker.port) as ear,
        running(mirror, **at(broker, area="Hall")),
    ):
        await ear.wait("/availability", ONLINE)
        mood = json.loads(await ear.wait("/mood", lambda said: said["mood"] == "joy"))
        assert mood["expression"] == "happy"
        assert 0 <= mood["joy"] <= 1
        assert json.loads(await ear.wait("/presence"))["present"] is True
        card = device(ear)
    assert card["device"]["suggested_area"] == "Hall"
    assert card["device"]["configuration_url"] == "http://mirror.local:8080/"
    assert card["components"]["mood"]["platform"] == "sensor"
    unique = [one["unique_id"] for one in card["components"].values()]
    assert len(set(unique)) == len(unique)


async def test_state_is_retained_and_right_for_who_comes_later(broker: Mosquitto):
    mirror = HubMirror("joy")
    async with running(mirror, **at(broker)):
        async with listening(broker.host, broker.port) as ear:
            await ear.wait("/mood", lambda said: said["mood"] == "joy")
        await mirror.show("melancholy")
        async with listening(broker.host, broker.port) as late:
            await late.wait("/mood", lambda said: said["mood"] == "melancholy")
            assert any(retained for topic, _, retained in late.heard if topic.endswith("/mood"))


async def test_says_goodbye_and_a_killed_connection_is_noticed(broker: Mosquitto):
    async with (
        TcpProxy(broker.host, broker.port) as line,
        listening(broker.host, broker.port) as ear,
    ):
        async with running(HubMirror(), host=line.host, port=line.port):
            await ear.wait("/availability", ONLINE)
            await line.stop()
            await ear.wait("/availability", OFFLINE)
            await line.start()
            await ear.wait("/availability", ONLINE)
        await ear.wait("/availability", OFFLINE)


async def test_an_orderly_end_says_so(broker: Mosquitto):
    async with listening(broker.host, broker.port) as ear:
        async with running(HubMirror(), **at(broker)):
            await ear.wait("/availability", ONLINE)
        await ear.wait("/availability", OFFLINE)


@pytest.mark.parametrize(
    ("name", "payload", "change"),
    [
        ("camera", "OFF", {"camera": False}),
        ("room", "false", {"room": False}),
        ("mute", "ON", {"mute": True}),
        ("driver/hue", "OFF", {"drivers": {"hue": False}}),
        ("mode", "counter", {"mode": "counter"}),
        ("brightness_cap", "40", {"brightness_cap": 0.4}),
        ("volume_cap", "12", {"volume_cap": 0.12}),
        ("hand", "off", {"hand": None}),
        ("guide_to_calm", "PRESS", {"mode": "guide", "goal": "calm", "hand": None}),
        ("light", '{"state": "ON"}', {"held": {"color": None, "brightness": None}}),
        (
            "light",
            '{"state":"ON","brightness":51,"color":{"r":255,"g":0,"b":1}}',
            {"held": {"color": "#FF0001", "brightness": 0.2}},
        ),
    ],
)
async def test_commands_become_changes(
    broker: Mosquitto, name: str, payload: str, change: dict[str, Any]
):
    mirror = HubMirror()
    async with listening(broker.host, broker.port) as ear, running(mirror, **at(broker)):
        await ear.wait("/availability", ONLINE)
        ear.ask(f"{root(ear)}/set/{name}", payload)
        await until(lambda: bool(mirror.asked))
    assert mirror.asked == [change]


async def test_the_last_hour_is_forgotten(broker: Mosquitto):
    mirror = HubMirror()
    async with listening(broker.host, broker.port) as ear, running(mirror, **at(broker)):
        await ear.wait("/availability", ONLINE)
        ear.ask(f"{root(ear)}/set/forget_hour", "PRESS")
        await until(lambda: mirror.forgotten == [60])


def root(ear: Ear) -> str:
    topic = next(topic for topic in ear.last if topic.endswith("/availability"))
    return topic.removesuffix("/availability")


@pytest.mark.parametrize(
    ("name", "payload", "said"),
    [
        ("camera", "maybe", "expected ON or OFF"),
        ("camra", "ON", "did you mean camera"),
        ("mode", "disco", "expected one of mirror"),
        ("volume_cap", "nan", "0..30"),
        ("light", "[[[", "expected JSON"),
        ("light", '{"state":"ON","brightness":999}', "brightness"),
        ("driver/toaster", "ON", "no such command"),
        ("mode", "x" * 2000, "at most 1024 bytes"),
    ],
)
async def test_junk_changes_nothing_and_is_answered(
    broker: Mosquitto, name: str, payload: str, said: str
):
    mirror = HubMirror()
    async with listening(broker.host, broker.port) as ear, running(mirror, **at(broker)):
        await ear.wait("/availability", ONLINE)
        ear.ask(f"{root(ear)}/set/{name}", payload)
        answer = json.loads(await ear.wait("/error"))
    assert said in answer["error"]
    assert answer["topic"].endswith(f"/set/{name}")
    assert mirror.asked == []


async def test_a_retained_command_is_not_obeyed(broker: Mosquitto):
    mirror, memory = HubMirror(), {"identity": "abcd"}
    async with listening(broker.host, broker.port) as ear:
        ear.ask("mirrord/v1/abcd/set/camera", "OFF", retain=True)
        async with running(mirror, memory, **at(broker)):
            answer = json.loads(await ear.wait("/error"))
    assert "retained" in answer["error"]
    assert mirror.asked == []


async def test_ten_thousand_junk_messages_harm_nobody(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
):
    mirror = HubMirror()
    async with listening(broker.host, broker.port) as ear, running(mirror, **at(broker)):
        await ear.wait("/availability", ONLINE)
        start = root(ear)
        for number in range(10_000):
            ear.ask(f"{start}/set/camera", f"junk {number % 7}")
            if number % 200 == 0:
                await asyncio.sleep(0)
        ear.ask(f"{start}/set/mute", "ON")
        await mirror.show("calm")
        await ear.wait("/mood", lambda said: said["mood"] == "calm", within_s=60)
        await asyncio.sleep(1.1)
        ear.ask(f"{start}/set/room", "OFF")
        await until(lambda: {"room": False} in mirror.asked, within_s=30)
        assert ear.count("/error") <= 30
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) < 10


async def test_state_is_said_twice_a_second_at_most(broker: Mosquitto):
    mirror = HubMirror("joy")
    async with listening(broker.host, broker.port) as ear, running(mirror, **at(broker)):
        await ear.wait("/mood")
        before, loop = ear.count("/mood"), asyncio.get_running_loop()
        started = loop.time()
        while loop.time() - started < 2.0:
            await mirror.show("joy" if int(loop.time() * 50) % 2 else "calm")
            await asyncio.sleep(0.01)
        assert ear.count("/mood") - before <= 2 * (loop.time() - started) + 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_broker_that_comes_back_has_the_state_within_5_s(
    broker: Mosquitto, how: signal.Signals
):
    """It comes back without its retained messages."""
    mirror = HubMirror("joy")
    async with running(mirror, **at(broker)):
        async with listening(broker.host, broker.port) as ear:
            await ear.wait("/mood")
        await broker.stop(how)
        await mirror.show("melancholy")
        await asyncio.sleep(1.0)
        await broker.start()
        async with listening(broker.host, broker.port) as again:
            await again.wait("/mood", lambda said: said["mood"] == "melancholy", within_s=5)
            await again.wait("/availability", ONLINE, within_s=5)
            assert device(again)["components"]
        assert not any(
            b'"mood":"joy"' in said for topic, said, _ in again.heard if topic.endswith("/mood")
        )


@pytest.mark.alone
async def test_a_line_that_forwards_nothing_is_given_up(broker: Mosquitto):
    mirror = HubMirror("joy")
    async with (
        TcpProxy(broker.host, broker.port) as line,
        listening(broker.host, broker.port) as ear,
        running(mirror, host=line.host, port=line.port) as hub,
    ):
        await ear.wait("/availability", ONLINE)
        line.hang()
        await mirror.show("calm")
        await ear.wait("/availability", OFFLINE, within_s=15)  # noticed by the broker
        await until(lambda: hub.status.state == "unavailable", within_s=15)
        await line.resume()
        await ear.wait("/mood", lambda said: said["mood"] == "calm", within_s=8)
        await ear.wait("/availability", ONLINE)


async def test_greets_again_when_the_hub_is_born(broker: Mosquitto):
    async with listening(broker.host, broker.port) as ear, running(HubMirror(), **at(broker)):
        await ear.wait("/availability", ONLINE)
        before = ear.count("/config")
        ear.ask("homeassistant/status", "online")
        await until(lambda: ear.count("/config") > before)


async def test_corrects_who_says_offline_in_its_name(broker: Mosquitto):
    async with listening(broker.host, broker.port) as ear, running(HubMirror(), **at(broker)):
        await ear.wait("/availability", ONLINE)
        ear.ask(f"{root(ear)}/availability", "offline", retain=True)
        await ear.wait("/availability", OFFLINE)
        await ear.wait("/availability", ONLINE)


async def test_single_discovery_replaces_the_device_and_back(broker: Mosquitto):
    memory: dict[str, Any] = {}
    for how in ("device", "single", "device"):
        hub = running(HubMirror(), memory, discovery=how, **at(broker))
        async with hub, listening(broker.host, broker.port) as ear:
            await ear.wait("/availability", ONLINE)
            await ear.wait("/mood")
        async with listening(broker.host, broker.port) as ear:
            await ear.wait("/availability")
            configs = [topic for topic in ear.last if topic.endswith("/config")]
        assert all(("/device/" in topic) == (how == "device") for topic in configs)
        assert len(configs) == 1 if how == "device" else len(configs) > 20


async def test_privacy_keeps_moods_in_the_house(broker: Mosquitto):
    memory: dict[str, Any] = {}
    hub = running(HubMirror("joy"), memory, **at(broker))
    async with hub, listening(broker.host, broker.port) as ear:
        await ear.wait("/mood")
    async with listening(broker.host, broker.port) as ear:
        mirror = HubMirror("joy")
        async with running(mirror, memory, expressions=False, **at(broker)):
            await ear.wait("/availability", ONLINE)
            await ear.wait("/presence", lambda said: said["present"])
            await mirror.show("melancholy")
            await asyncio.sleep(0.8)
    async with listening(broker.host, broker.port) as late:
        await late.wait("/presence")
        await asyncio.sleep(0.2)
        left = b" ".join(late.last.values())
    for word in (b"happy", b"melancholy", b"valence", b"#", b'brightness"', b"mood_changed"):
        assert word not in left.lower(), word
    entities = [
        json.loads(payload)["components"]
        for topic, payload, _ in ear.heard
        if topic.endswith("/config") and payload
    ]
    assert {"platform": "sensor"} in [found.get("expression") for found in entities]


async def test_events_are_told_and_not_kept(broker: Mosquitto):
    mirror = HubMirror("joy")
    async with listening(broker.host, broker.port) as ear, running(mirror, **at(broker)):
        await ear.wait("/mood")
        await mirror.show("melancholy")
        said = json.loads(await ear.wait("/event"))
        assert said == {"event_type": "mood_changed", "from": "joy", "to": "melancholy"}
        await mirror.change(session=None)
        await ear.wait("/event", lambda said: said["event_type"] == "session_ended")
    async with listening(broker.host, broker.port) as late:
        await late.wait("/availability")
        assert late.count("/event") == 0


async def test_another_client_of_the_same_id_is_survived(broker: Mosquitto):
    memory = {"identity": "abcd"}
    mirror = HubMirror("joy")
    async with listening(broker.host, broker.port) as ear, running(mirror, memory, **at(broker)):
        await ear.wait("/availability", ONLINE)
        for _ in range(4):
            rival = Broker(broker.host, broker.port, client_id="mirrord_abcd")
            async with connected(rival, {}, lambda *_: None, lambda *_: None):
                await asyncio.sleep(0.3)
        await mirror.show("calm")
        await ear.wait("/mood", lambda said: said["mood"] == "calm")
        await ear.wait("/availability", ONLINE)


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
