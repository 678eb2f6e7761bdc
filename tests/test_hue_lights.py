"""What reaches the bridge, and what the lamps give off: the driver against the simulated bridge."""

import asyncio
import math
import time
from dataclasses import replace
from typing import Literal

import aiohttp
import pytest

from mirrord.lamp_colour import to_xy
from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp, room_lamps
from mirrord.simulator.bridge_colour import GAMUTS
from mirrord.simulator.bridge_faults import Misbehaviour
from mirrord.testing import BETWEEN, BRIGHT, DIM, environment
from mirrord_hue.colour import within
from tests.fakes.hue import KEY, Home, lamps_of, most_in_a_second, sent
from tests.waiting import until


async def test_a_lamp_takes_colour_brightness_and_fade(home: Home) -> None:
    async with (
        SimulatedBridge(lamps_of("LCT016"), key=KEY, groups={}) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(environment(lighting_intensity=0.5, transition_s=2.5))
        body = {"xy": pytest.approx([0.4507, 0.4804], abs=2e-4), "bri": 128}
        assert sent(bridge) == [("lights/1/state", {**body, "transitiontime": 25})]


@pytest.mark.parametrize(("model", "gamut"), [("LST001", "A"), ("LCT001", "B"), ("LCT016", "C")])
async def test_the_colour_is_within_the_lamps_gamut(home: Home, model: str, gamut: str) -> None:
    async with SimulatedBridge(lamps_of(model), key=KEY, groups={}) as bridge:
        async with home.opened(bridge.address) as driver:
            await driver.apply(environment(lighting_color="#00FF60"))
        expected = within(to_xy("#00FF60"), GAMUTS[gamut])
        assert bridge.commands[0].body["xy"] == pytest.approx(expected, abs=1e-4)


async def test_whites_take_what_they_can(home: Home) -> None:
    lamps = lamps_of("LTW012", "LWB014", "LOM001")
    async with (
        SimulatedBridge(lamps, key=KEY, groups={}) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(environment(lighting_color="#FF8000", lighting_intensity=1.0))
        assert sent(bridge) == [
            ("lights/1/state", {"ct": 454, "bri": 254, "transitiontime": 0}),
            ("lights/2/state", {"bri": 254, "transitiontime": 0}),
        ]


async def test_lamps_of_a_group_get_one_command(home: Home) -> None:
    models = ("LCT016", "LCT016", "LWB014")
    async with (
        SimulatedBridge(lamps_of(*models), key=KEY) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(BRIGHT)
        assert [path for path, _ in sent(bridge)] == ["groups/1/action"]
        assert {lamp.state["bri"] for lamp in bridge.lamps.values()} == {229}
        assert bridge.lamps["1"].state["xy"] == bridge.lamps["2"].state["xy"]


async def test_all_lamps_without_a_group_are_group_zero(home: Home) -> None:
    async with (
        SimulatedBridge(lamps_of("LCT016", "LCT001"), key=KEY, groups={}) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(BRIGHT)
        assert [path for path, _ in sent(bridge)] == ["groups/0/action"]


async def test_a_group_with_a_plug_is_never_switched_as_one(home: Home) -> None:
    """The plug may feed a heater: it is none of the mirror's business."""
    lamps = lamps_of("LCT016", "LCT016", "LOM001")
    for lamp in lamps:
        lamp.state["on"] = False
    async with SimulatedBridge(lamps, key=KEY, groups={"Den": ["1", "2", "3"]}) as bridge:
        for settings in ({}, {"groups": ("Den",)}):
            async with home.opened(bridge.address, **settings) as driver:
                await driver.apply(BRIGHT)
                assert {path for path, _ in sent(bridge)} == {"lights/1/state", "lights/2/state"}
            bridge.commands.clear()
        assert bridge.lamps["3"].state["on"] is False


async def test_mixed_gamuts_of_a_group_share_a_colour_that_all_can_give(home: Home) -> None:
    async with (
        SimulatedBridge(room_lamps(), key=KEY) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(environment(lighting_color="#0000FF"))
        body = next(body for path, body in sent(bridge) if path == "groups/1/action")
        for gamut in GAMUTS.values():
            assert math.dist(within(tuple(body["xy"]), gamut), body["xy"]) < 2e-4
        assert ("lights/4/state", {"ct": 153, "transitiontime": 0}) in sent(bridge)


async def test_nothing_is_sent_when_nothing_changed(home: Home) -> None:
    async with (
        SimulatedBridge(key=KEY) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(BRIGHT)
        before = len(bridge.commands)
        for beat in range(20):
            await driver.apply(replace(BRIGHT, captured_ns=beat, audio_volume=beat / 100))
        await driver.apply(environment(lighting_intensity=0.902, lighting_color="#FFD701"))
        await asyncio.sleep(1.2)
        assert len(bridge.commands) == before


async def test_only_what_changed_is_sent(home: Home) -> None:
    async with (
        SimulatedBridge(lamps_of("LCT016"), key=KEY, groups={}) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(BRIGHT)
        await driver.apply(environment(lighting_intensity=0.3))
        await driver.apply(environment(lighting_intensity=0.3, lighting_color="#C71585"))
        assert [set(body) for _, body in sent(bridge)[1:]] == [
            {"bri", "transitiontime"},
            {"xy", "transitiontime"},
        ]


async def test_on_is_sent_once(home: Home) -> None:
    lamp = SimulatedLamp("Dark", on=False)
    async with SimulatedBridge([lamp], key=KEY, groups={}) as bridge:
        async with home.opened(bridge.address) as driver:
            for wish in (BRIGHT, DIM, BETWEEN, BRIGHT):
                await driver.apply(wish)
            assert [body.get("on") for _, body in sent(bridge)] == [True, None, None, None]
        assert lamp.state["on"] is False


async def test_lamps_really_fade(home: Home) -> None:
    async with (
        SimulatedBridge(lamps_of("LCT016"), key=KEY, groups={}) as bridge,
        home.opened(bridge.address, transition_s=1.5) as driver,
    ):
        start = bridge.lamps["1"].light()
        await driver.apply(environment(lighting_intensity=1.0, transition_s=9.0))
        begun = bridge.lamps["1"].light()
        assert start.brightness == pytest.approx(begun.brightness, abs=0.1)
        seen = []
        while bridge.lamps["1"].light().brightness < 0.999:
            seen.append(bridge.lamps["1"].light().brightness)
            await asyncio.sleep(0.05)
            assert len(seen) < 200
        assert len(seen) > 10
        assert seen == sorted(seen)


async def test_the_budget_holds_on_the_wire_and_the_newest_wish_wins(home: Home) -> None:
    """A hasty mirror, four lamps: never more than ten commands a second; the last wish shows."""
    lamps = lamps_of(*["LCT016"] * 4, "LOM001")
    async with (
        SimulatedBridge(lamps, key=KEY, groups={}) as bridge,
        home.opened(bridge.address) as driver,
    ):
        end = time.monotonic() + 2.2
        steps = 0
        while time.monotonic() < end:
            steps += 1
            await driver.apply(environment(lighting_intensity=(steps % 10) / 10))
            await asyncio.sleep(0.02)
        await driver.apply(environment(lighting_intensity=0.77))
        await until(
            lambda: {lamp.state["bri"] for lamp in lamps[:4]} == {196}, "the last wish shows"
        )
        assert all(command.accepted for command in bridge.commands)
        assert most_in_a_second(list(bridge.commands)) <= 10
        assert len(bridge.commands) >= 20, "the budget is used"
        each = [sum(path == f"lights/{n}/state" for path, _ in sent(bridge)) for n in "1234"]
        assert max(each) - min(each) <= 2, "no lamp waits for ever"


async def test_groups_get_one_command_a_second(home: Home) -> None:
    async with (
        SimulatedBridge(lamps_of("LCT016", "LCT016"), key=KEY) as bridge,
        home.opened(bridge.address) as driver,
    ):
        end = time.monotonic() + 2.2
        steps = 0
        while time.monotonic() < end:
            steps += 1
            await driver.apply(environment(lighting_intensity=(steps % 10) / 10))
            await asyncio.sleep(0.02)
        assert 2 <= len(bridge.commands) <= 4
        assert most_in_a_second(list(bridge.commands)) == 1
        assert all(command.accepted for command in bridge.commands)


async def test_a_lamp_out_of_reach_is_left_out_and_shown_as_such(home: Home) -> None:
    lamps = [SimulatedLamp("Here"), SimulatedLamp("Away", reachable=False)]
    async with SimulatedBridge(lamps, key=KEY, groups={}) as bridge:
        async with home.opened(bridge.address, lights=("Here",)) as driver:
            await driver.apply(BRIGHT)
        bridge.commands.clear()
        lamps.append(SimulatedLamp("Plug", "LOM001"))
        bridge.lamps["3"] = lamps[2]
        async with home.opened(bridge.address) as driver:
            await driver.apply(BRIGHT)
            assert {path for path, _ in sent(bridge)} == {"lights/1/state"}
            assert home.device("Away").values["reachable"] is False
            assert home.device("Here").values["reachable"] is True


async def test_devices_show_what_the_lamps_do(home: Home) -> None:
    async with (
        SimulatedBridge(key=KEY) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await asyncio.sleep(0)
        assert {device.name for device in home.devices.values()} == {
            lamp.name for lamp in bridge.lamps.values()
        }
        await driver.apply(environment(lighting_color="#FF8040", lighting_intensity=0.5))
        await asyncio.sleep(0)
        window = home.device("Window")
        assert window.kind == "lamp"
        assert window.values["brightness"] == pytest.approx(0.5, abs=0.01)
        red, green, blue = (int(str(window.values["color"])[i : i + 2], 16) for i in (1, 3, 5))
        assert red == 255
        assert abs(green - 0x80) < 12
        assert abs(blue - 0x40) < 40
        assert home.device("Floor lamp").values["color"] == "#FFAD59"


@pytest.mark.parametrize("misbehaviour", ["busy", "overloaded"])
async def test_a_busy_bridge_is_given_its_peace(home: Home, misbehaviour: Misbehaviour) -> None:
    async with (
        SimulatedBridge(lamps_of("LCT016"), key=KEY) as bridge,
        home.opened(bridge.address) as driver,
    ):
        await driver.apply(BRIGHT)
        bridge.misbehaviour = misbehaviour
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            await driver.apply(DIM)
            await asyncio.sleep(0.02)
        refused = [command for command in bridge.commands if not command.accepted]
        assert 1 <= len(refused) <= 2
        bridge.misbehaviour = None
        await until(lambda: bridge.lamps["1"].state["bri"] == 64, "it is sent afterwards")


@pytest.mark.parametrize("answer", ["429", "901"])
async def test_a_rate_limit_shared_with_others_is_honoured(
    home: Home, answer: Literal["429", "901"]
) -> None:
    """Another app uses up the bridge's budget; the mirror's wish still arrives in the end."""
    async with (
        SimulatedBridge(lamps_of("LCT016"), key=KEY) as bridge,
        home.opened(bridge.address) as driver,
        aiohttp.ClientSession() as another_app,
    ):
        bridge.rate_answer = answer
        url = f"http://{bridge.address}/api/{KEY}/lights/1/state"
        for bri in range(100, 112):
            async with another_app.put(url, json={"bri": bri}):
                pass
        await driver.apply(BRIGHT)
        assert bridge.lamps["1"].state["bri"] < 112
        await until(lambda: bridge.lamps["1"].state["bri"] == 229, "it arrives later")
