"""What the hub is asked at the wire, and what it does not obey; a real mosquitto."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.fakes.hub import ONLINE, HubMirror, at, listening, root, running
from tests.fakes.mosquitto import Mosquitto
from tests.waiting import until


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
