"""Home Assistant finds the mirror, shows it right, steers it, and notices when it is gone."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from mirrord.hub.components import Offer, components
from mirrord.hub.topics import Topics
from tests.fakes.hub import HubMirror, listening, running
from tests.fakes.mosquitto import Mosquitto
from tests.hub.home_assistant import HomeAssistant, home_assistant

CHOOSE, SET = "select.select_option", "number.set_value"
pytestmark = [pytest.mark.hub, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@dataclass
class Home:
    """A broker, a Home Assistant that uses it, and a mirror."""

    broker: Mosquitto
    hub: HomeAssistant
    mirror: HubMirror


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    folder = tmp_path_factory.mktemp("hub")
    (folder / "ha").mkdir()
    mirror = HubMirror("joy")
    async with Mosquitto(folder) as broker, home_assistant(folder / "ha") as hub:
        await hub.add_broker(broker.host, broker.port)
        memory = {"identity": "cafe"}
        where = {"host": broker.host, "port": broker.port}
        async with running(mirror, memory, area="Hallway", **where) as ours:
            while ours.status.state != "ready":
                await asyncio.sleep(0.05)
            yield Home(broker, hub, mirror)


def entity(platform: str, name: str) -> str:
    return f"{platform}.hall_mirror_{name}"


async def test_every_entity_appears_and_none_is_without_a_value(home: Home):
    await home.mirror.change(session={"id": "s", "started": "", "seconds": 754.0})
    await home.hub.until(entity("sensor", "mood"), lambda one: one["state"] == "joy")
    found = await home.hub.states()
    ours = {name: one for name, one in found.items() if ".hall_mirror_" in name}
    offer = Offer(
        Topics("mirrord", "cafe", "homeassistant"),
        {one["name"]: one["title"] for one in home.mirror.state()["drivers"]},
        True,
        lambda text: text,
    )
    assert len(ours) == len(components(offer))
    without = {"event", "button"}  # they have no state before they are first used
    empty = [
        name
        for name, one in ours.items()
        if one["state"] in ("unknown", "unavailable") and name.split(".")[0] not in without
    ]
    assert empty == [entity("sensor", "processor_temperature")]  # the fake has none


async def test_a_newer_version_is_an_update_that_installs_nothing(home: Home):
    name, mirror = entity("update", "update"), home.mirror
    asked = {"state": "unknown", "installed": "0.1.0", "latest": "", "notes": "", "ways": []}
    await mirror.change(updates=asked)
    await home.hub.until(name, lambda one: one["state"] == "unknown")
    newer = {"state": "newer", "latest": "0.2.0", "notes": "Sees in the dark."}
    await mirror.change(updates=asked | newer)
    shown = await home.hub.until(name, lambda one: one["state"] == "on")
    assert shown["attributes"]["latest_version"] == "0.2.0"
    assert shown["attributes"]["release_summary"] == "Sees in the dark."
    assert not shown["attributes"]["supported_features"] & 1  # to install it
    await mirror.change(updates=asked | {"state": "current", "latest": "0.1.0"})
    shown = await home.hub.until(name, lambda one: one["state"] == "off")
    assert not shown["attributes"]["release_summary"]
    await mirror.change(updates=asked | {"state": "off"})
    async with asyncio.timeout(20):
        while name in await home.hub.states():
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        (entity("binary_sensor", "presence"), "on"),
        (entity("sensor", "expression"), "happy"),
        (entity("sensor", "mood"), "joy"),
        (entity("sensor", "camera_state"), "open"),
        (entity("switch", "camera"), "on"),
        (entity("select", "mode"), "mirror"),
        (entity("select", "mood_by_hand"), "off"),
        (entity("number", "brightness_cap"), "100"),
        (entity("light", "ambience"), "on"),
        (entity("sensor", "philips_hue_state"), "ready"),
    ],
)
async def test_states_are_right(home: Home, name: str, state: str):
    await home.hub.until(name, lambda one: one["state"] == state)


async def test_the_light_shows_the_room(home: Home):
    light = await home.hub.until(entity("light", "ambience"), lambda one: one["state"] == "on")
    color = home.mirror.state()["environment"]["lighting_color"]
    assert "#" + "".join(f"{part:02X}" for part in light["attributes"]["rgb_color"]) == color
    assert light["attributes"]["effect"] == "mirror"


@pytest.mark.parametrize(
    ("service", "name", "data", "change"),
    [
        ("switch.turn_off", entity("switch", "camera"), {}, {"camera": False}),
        ("switch.turn_on", entity("switch", "camera"), {}, {"camera": True}),
        ("switch.turn_off", entity("switch", "room_follows_the_mood"), {}, {"room": False}),
        ("switch.turn_on", entity("switch", "room_follows_the_mood"), {}, {"room": True}),
        ("switch.turn_on", entity("switch", "mute"), {}, {"mute": True}),
        ("switch.turn_off", entity("switch", "philips_hue"), {}, {"drivers": {"hue": False}}),
        (CHOOSE, entity("select", "mode"), {"option": "counter"}, {"mode": "counter"}),
        (SET, entity("number", "brightness_cap"), {"value": 40}, {"brightness_cap": 0.4}),
        (SET, entity("number", "volume_cap"), {"value": 12}, {"volume_cap": 0.12}),
        (
            CHOOSE,
            entity("select", "mood_by_hand"),
            {"option": "calm"},
            {"hand": {"joy": 0.0, "calm": 1.0, "energy": 0.0, "melancholy": 0.0}},
        ),
        (CHOOSE, entity("select", "mood_by_hand"), {"option": "off"}, {"hand": None}),
        (
            "button.press",
            entity("button", "guide_to_calm"),
            {},
            {"mode": "guide", "goal": "calm", "hand": None},
        ),
        (
            "light.turn_on",
            entity("light", "ambience"),
            {"rgb_color": [255, 0, 0], "brightness": 51},
            {"held": {"color": "#FF0000", "brightness": 0.2}},
        ),
        (
            "light.turn_on",
            entity("light", "ambience"),
            {"effect": "mirror"},
            {"held": {"color": None, "brightness": None}},
        ),
    ],
)  # fmt: skip
async def test_commands_reach_the_mirror(
    home: Home, service: str, name: str, data: dict[str, Any], change: dict[str, Any]
):
    home.mirror.asked.clear()
    domain, _, action = service.partition(".")
    await home.hub.call(domain, action, name, **data)
    async with asyncio.timeout(10):
        while not home.mirror.asked:
            await asyncio.sleep(0.05)
    assert home.mirror.asked == [change]


async def test_the_last_hour_is_forgotten(home: Home):
    await home.hub.call("button", "press", entity("button", "forget_the_last_hour"))
    async with asyncio.timeout(10):
        while home.mirror.forgotten != [60]:
            await asyncio.sleep(0.05)


async def test_a_change_of_mood_is_an_event(home: Home):
    await home.mirror.show("joy")
    await asyncio.sleep(1)
    await home.mirror.show("melancholy")
    event = await home.hub.until(
        entity("event", "happened"), lambda one: one["attributes"].get("to") == "melancholy"
    )
    assert event["attributes"]["event_type"] == "mood_changed"


async def test_a_killed_mirror_is_unavailable_within_15_s_and_comes_back(home: Home):
    words = ["-m", "tests.hub.lone_mirror", home.broker.host, str(home.broker.port)]
    lone = "sensor.lone_mirror_mood"
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(sys.executable, *words)
        try:
            await home.hub.until(lone, lambda one: one["state"] == "calm", 30)
        finally:
            process.kill()
            await process.wait()
        await home.hub.until(lone, lambda one: one["state"] == "unavailable")


async def test_the_device_can_be_taken_out(home: Home):
    async with listening(home.broker.host, home.broker.port) as ear:
        topic = "homeassistant/device/mirrord_lone/config"
        assert json.loads(await ear.wait(topic))["components"]
        ear.ask(topic, "", retain=True)
        async with asyncio.timeout(15):
            while "sensor.lone_mirror_mood" in await home.hub.states():
                await asyncio.sleep(0.1)


async def test_a_restarted_broker_and_hub_have_the_state_again(home: Home):
    await home.broker.stop()
    await home.mirror.show("calm")
    await home.broker.start()
    await home.hub.until(entity("sensor", "mood"), lambda one: one["state"] == "calm", 40)
    await home.hub.stop()
    await home.mirror.show("energy")
    await home.hub.start()
    await home.hub.until(entity("sensor", "mood"), lambda one: one["state"] == "energy", 60)


async def test_nothing_was_complained_of(home: Home):
    """Home Assistant logs what it does not understand of a discovery or of a state."""
    log = (home.hub.folder / "output.log").read_text()
    about_us = [line for line in log.splitlines() if "mqtt" in line and "mirror" in line.lower()]
    assert about_us == []
