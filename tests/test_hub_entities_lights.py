"""Lights of every convention at a real mosquitto: follow, hands, crashes, outages, junk."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver import DeviceWish, Unavailable
from mirrord.runtime.secret import write_secret
from mirrord.testing import BRIGHT, DIM
from mirrord_hub_entities.room import Room
from tests.fakes.light_bench import LightBench
from tests.fakes.lights import (
    LIGHTS,
    Esphome,
    HomeAssistantJson,
    SimulatedLight,
    Tasmota,
    Wled,
    Zigbee,
)
from tests.fakes.mosquitto import Mosquitto
from tests.waiting import until

GONE = replace(BRIGHT, present=False)
HUES = {"bright": (255, 215, 0), "dim": (58, 58, 255)}  # #FFD700, and #191970 at its brightest
ACL = "user room\ntopic readwrite #\nuser mirror\ntopic read #\n"
JUNK = (
    *("", "nan", "1e999", "-1", "256", "[1", "null", '{"a": NaN}', "x" * 100_000, "true", "🜂"),
    *('{"state": {}}', '{"brightness": "much"}', '{"color": {"x": 2, "y": 0}}', "[]", "[" * 500),
    *('{"HSBColor": "1,2"}', '{"Dimmer": []}', "#12", '{"power": [], "light": 7}', "\x00"),
)


@pytest.fixture(params=LIGHTS, ids=lambda one: one.__name__)
async def light(request: pytest.FixtureRequest, broker: Mosquitto) -> AsyncIterator[SimulatedLight]:
    async with request.param(broker.host, broker.port) as one:
        yield one


@pytest.fixture
async def strip(broker: Mosquitto) -> AsyncIterator[Esphome]:
    async with Esphome(broker.host, broker.port) as one:
        yield one


@pytest.fixture
async def every(broker: Mosquitto) -> AsyncIterator[list[SimulatedLight]]:
    """Lights of all kinds, behind one broker."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(one(broker.host, broker.port)) for one in LIGHTS]


def near(light: SimulatedLight, level: float, rgb: tuple[int, int, int]) -> bool:
    if isinstance(light, Zigbee):
        return light.on and abs(light.level - level) < 0.02 and light.mired != 370
    tint = all(abs(a - b) <= 3 for a, b in zip(light.rgb, rgb, strict=True))
    return light.on and abs(light.level - level) < 0.02 and tint


async def test_follows_the_mood_and_is_given_back(light: SimulatedLight):
    found, bench = light.shines, LightBench()
    async with bench.open(light) as room:
        await room.apply(replace(BRIGHT, transition_s=2.0))
        await until(lambda: near(light, 0.9, HUES["bright"]), f"bright: {light.shines}")
        if not isinstance(light, LIGHTS[2]):  # the default schema knows no transition
            assert light.transition == 2.0
        await room.apply(DIM)
        await until(lambda: near(light, 0.25, HUES["dim"]), f"dim: {light.shines}")
        await until(lambda: abs(float(bench.value(light, "brightness") or 0) - 0.25) < 0.02, "told")
        sent = len(light.commands)
        for step in range(5):
            await room.apply(replace(DIM, lighting_intensity=0.25 + step / 1000))
        await asyncio.sleep(0.4)
        assert len(light.commands) == sent, "nothing visible had changed"
        await room.apply(GONE)
        await until(lambda: same(light.shines, found), f"{light.shines}, not {found}")
        await until(lambda: not bench.kept.get(f"light:{light.topic}"), "still remembered")
        await room.apply(DIM)
        await until(lambda: near(light, 0.25, HUES["dim"]), f"again: {light.shines}")
    await until(lambda: same(light.shines, found), f"{light.shines}, not {found}")


async def test_those_found_off_are_switched_on_and_off_again(every: list[SimulatedLight]):
    for one in every:
        one.by_hand(on=False)
    async with LightBench().open(*every) as room:
        await room.apply(DIM)
        await until(lambda: all(near(one, 0.25, HUES["dim"]) for one in every), told(every))
    await until(lambda: not any(one.on for one in every), told(every))


async def test_a_crash_does_not_lose_how_they_were_found(every: list[SimulatedLight]):
    found, bench = shine(every), LightBench()
    async with bench.open(*every) as room:
        await room.apply(DIM)
        await until(lambda: all(near(one, 0.25, HUES["dim"]) for one in every), told(every))
        crashed = dict(bench.kept)
    for one in every:
        one.by_hand(**_dim(one))  # as a crash leaves it
    async with LightBench(crashed).open(*every) as room:
        await room.apply(GONE)
        await until(lambda: all(map(same, shine(every), found)), told(every))


async def test_a_changed_trait_is_left_alone_and_the_other_follows(every: list[SimulatedLight]):
    bench = LightBench()
    async with bench.open(*every) as room:
        await room.apply(DIM)
        await until(lambda: all(near(one, 0.25, HUES["dim"]) for one in every), told(every))
        await asyncio.sleep(5.3)  # until reports are believed
        for one in every:
            one.by_hand(level=0.8)
        await until(lambda: all(bench.value(one, "held") for one in every), "not held")
        await room.apply(replace(BRIGHT, lighting_intensity=0.5))
        await until(lambda: all(near(one, 0.8, HUES["bright"]) for one in every), told(every))
        follow = {f"light:{one.topic}": DeviceWish(follow=True) for one in every}
        await room.apply(replace(DIM, devices=follow))
        await until(lambda: all(near(one, 0.25, HUES["dim"]) for one in every), told(every))
        assert not any(bench.value(one, "held") for one in every)
    await until(lambda: all(abs(one.level - 0.8) < 0.02 for one in every), told(every))


async def test_junk_changes_nothing_and_is_said_once(
    light: SimulatedLight, caplog: pytest.LogCaptureFixture
):
    bench = LightBench()
    async with bench.open(light) as room:
        await room.apply(DIM)
        await until(lambda: near(light, 0.25, HUES["dim"]), f"dim: {light.shines}")
        topics = [*room._lights[0].topics()]
        for topic in topics:
            if topic not in (light.topic if light.kind == "homeassistant" else "",):
                for junk in JUNK:
                    light.publish(topic, junk, retain=True)
        await asyncio.sleep(0.2)
        light.announce()
        light.report()
        await room.apply(BRIGHT)
        await until(lambda: near(light, 0.9, HUES["bright"]), f"bright: {light.shines}")
        said = [one for one in caplog.records if "ignored" in one.getMessage()]
        assert len(said) <= 1
        assert "Traceback" not in caplog.text


async def test_at_most_four_commands_a_second_and_the_newest_wins(strip: Esphome):
    async with LightBench().open(strip) as room:
        for step in range(60):
            await room.apply(replace(BRIGHT, lighting_intensity=(step % 20) / 20))
            await asyncio.sleep(0.02)
        await room.apply(DIM)
        await until(lambda: near(strip, 0.25, HUES["dim"]), f"dim: {strip.shines}")
        pauses = [later - earlier for earlier, later in zip(strip.at, strip.at[1:], strict=False)]
        assert min(pauses) > 0.1  # 0.25 where it is sent; the way here may be longer or shorter
        assert len(strip.commands) <= 4 * (strip.at[-1] - strip.at[0]) + 3


async def test_switched_off_by_hand_it_stays_off_until_switched_on(strip: Esphome):
    bench = LightBench()
    async with bench.open(strip) as room:
        await room.apply(DIM)
        await until(lambda: bench.value(strip, "brightness") == 0.248, "dim")
        strip.by_hand(on=False)
        await until(lambda: bench.value(strip, "on") is False, "off")
        sent = len(strip.commands)
        await room.apply(BRIGHT)
        await asyncio.sleep(0.4)
        assert len(strip.commands) == sent
        strip.by_hand(on=True)
        await room.apply(BRIGHT)
        await until(lambda: near(strip, 0.9, HUES["bright"]), "on again")
        strip.by_hand(on=False)
        await until(lambda: bench.value(strip, "on") is False, "off")
    await asyncio.sleep(0.2)
    assert not strip.on


async def test_a_wish_of_its_own_and_a_gain(strip: Esphome):
    async with LightBench().open(strip) as room:
        wish = DeviceWish(gain=0.5, color="#00FF00", brightness=0.8)
        await room.apply(replace(BRIGHT, devices={f"light:{strip.topic}": wish}))
        await until(lambda: near(strip, 0.4, (0, 255, 0)), f"{strip.shines}")


async def test_offline_is_unreachable_and_back_it_gets_the_wish(strip: Esphome):
    bench = LightBench()
    async with bench.open(strip) as room:
        strip.publish(*strip.status(False))
        await until(lambda: bench.value(strip, "reachable") is False, "still reachable")
        await room.apply(DIM)
        await asyncio.sleep(0.3)
        assert strip.commands == []
        strip.announce()
        await until(lambda: near(strip, 0.25, HUES["dim"]), "back, it gets the wish")


async def test_effects_end_and_come_back(broker: Mosquitto):
    async with (
        Wled(broker.host, broker.port) as wled,
        Esphome(broker.host, broker.port) as strip,
        Tasmota(broker.host, broker.port) as bulb,
    ):
        wled.by_hand(fx=5, white=40)
        strip.by_hand(effect="Rainbow")
        async with LightBench().open(wled, strip, bulb) as room:
            await room.apply(replace(DIM, transition_s=1.5))
            await until(lambda: wled.fx == 0 and wled.white == 0, "the strip's effect goes on")
            await until(lambda: strip.effect == "None", "the effect goes on")
            await until(lambda: (bulb.fade, bulb.speed) == ("ON", 3), "it does not fade")
        await until(lambda: (wled.fx, wled.white) == (5, 40), f"{wled.fx} {wled.white}")
        await until(lambda: strip.effect == "Rainbow", "the effect is not back")
        await until(lambda: (bulb.fade, bulb.speed) == ("OFF", 7), f"{bulb.fade} {bulb.speed}")


async def test_the_broker_is_killed_and_comes_back(broker: Mosquitto):
    """The light has its state; the driver is opened again, as its host does."""
    async with HomeAssistantJson(broker.host, broker.port) as lamp:
        found, bench = lamp.shines, LightBench()
        async with bench.open(lamp) as room:
            await room.apply(DIM)
            await until(lambda: near(lamp, 0.25, HUES["dim"]), "dim")
            await broker.stop(signal.SIGKILL)
            with pytest.raises(Unavailable):
                await applied_for_ever(room)
        await broker.start()
        async with asyncio.timeout(15):
            await lamp._link.connected.wait()
        async with bench.open(lamp) as room:
            await room.apply(BRIGHT)
            await until(lambda: near(lamp, 0.9, HUES["bright"]), "bright")
        await until(lambda: same(lamp.shines, found), f"{lamp.shines}, not {found}")


async def test_what_the_broker_does_not_allow_is_shown(tmp_path: Path):
    write_secret(tmp_path / "password", "x")
    users = {"mirror": "x", "room": "y"}
    async with (
        Mosquitto(tmp_path, users=users, acl=ACL) as broker,
        Esphome(broker.host, broker.port, username="room", password="y") as strip,
    ):
        bench, login = LightBench(), {"password_file": str(tmp_path / "password")}
        async with bench.open(strip, username="mirror", **login) as room:
            await room.apply(DIM)
            await until(lambda: bench.value(strip, "problem"), "nothing is shown")
            assert "does not allow to publish to den/light" in str(bench.value(strip, "problem"))
        assert strip.commands == []


async def applied_for_ever(room: Room) -> None:
    async with asyncio.timeout(15):
        while True:
            await room.apply(BRIGHT)
            await asyncio.sleep(0.02)


def same(one: Any, other: Any) -> bool:
    """Whether a light shines as it was found, but for the rounding of its convention."""
    tint = all(abs(a - b) <= 3 for a, b in zip(one[2], other[2], strict=True))
    return one[0] == other[0] and abs(one[1] - other[1]) <= 0.01 and tint


def shine(lights: list[SimulatedLight]) -> list[Any]:
    return [one.shines for one in lights]


def told(lights: list[SimulatedLight]) -> str:
    return str([(type(one).__name__, one.shines) for one in lights])


def _dim(light: SimulatedLight) -> dict[str, Any]:
    return {"level": 0.25} | ({"mired": 300} if isinstance(light, Zigbee) else {"rgb": (0, 0, 255)})
