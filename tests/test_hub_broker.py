"""What the hub says at the wire, against a real mosquitto."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

import pytest

from mirrord.mqtt import Broker, connected
from tests.fakes.hub import OFFLINE, ONLINE, HubMirror, at, device, listening, root, running
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.tcp_proxy import TcpProxy
from tests.waiting import until


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


async def test_newer_versions_are_an_entity_while_somebody_is_asked(broker: Mosquitto):
    mirror, asked = HubMirror(), {"installed": "0.1.0", "notes": "", "latest": "", "ways": []}
    async with listening(broker.host, broker.port) as ear, running(mirror, **at(broker)):
        await ear.wait("/availability", ONLINE)
        assert "update" not in device(ear)["components"]
        await mirror.change(updates=asked | {"state": "unknown"})
        said = json.loads(await ear.wait("/update"))
        known = {"title": "Mood Mirror", "installed_version": "0.1.0", "release_summary": ""}
        assert said == known
        await mirror.change(updates=asked | {"state": "newer", "latest": "9.1", "notes": "n" * 300})
        said = json.loads(await ear.wait("/update", lambda one: "latest_version" in one))
        assert (said["latest_version"], said["release_summary"]) == ("9.1", "n" * 255)
        entity = device(ear)["components"]["update"]
        assert entity["platform"] == "update"
        assert entity["state_topic"] == f"{root(ear)}/update"
        assert "command_topic" not in entity  # nothing is installed from there
        await mirror.change(updates=asked | {"state": "off"})
        await ear.wait("/update", b"")
        await ear.wait("/config", lambda said: "update" not in said["components"])
        farewell = {"platform": "update"}
        heard = [json.loads(said) for topic, said, _ in ear.heard if topic.endswith("/config")]
        assert heard[-2]["components"] == {"update": farewell}
        assert heard[-2]["device"] == heard[-1]["device"]  # Home Assistant wants to know whose
