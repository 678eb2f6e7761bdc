"""Lamps are put back as they were found, whatever came between."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from mirrord.driver import Driver, Unavailable
from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp, room_lamps
from mirrord.testing import BETWEEN, BRIGHT, DIM
from tests.fakes.hue import KEY, Home, lamps_of, states
from tests.waiting import until


async def crash(home: Home, bridge: SimulatedBridge) -> dict[str, Any]:
    """End as a crash does, with nothing put back, and return what was in the memory then."""
    saved: list[dict[str, Any]] = []

    async def end_badly(driver: Driver) -> None:
        await driver.apply(BRIGHT)
        await asyncio.sleep(0)
        saved.append(home.saved)
        await bridge.refuse()

    with pytest.raises(Unavailable, match="will be put back next time"):
        async with home.opened(bridge.address) as driver:
            await end_badly(driver)
    await bridge.listen()
    return saved[0]


async def test_lamps_are_put_back_when_nobody_is_there_and_on_close(home: Home) -> None:
    lamps = room_lamps()
    lamps[1].command({"hue": 33_000, "sat": 120, "bri": 77, "transitiontime": 0}, "")
    lamps[2].command({"effect": "colorloop"}, "")
    lamps[3].command({"on": False}, "")
    async with SimulatedBridge(lamps, key=KEY) as bridge:
        found = states(bridge)
        async with home.opened(bridge.address) as driver:
            for wish in (BRIGHT, DIM):
                await driver.apply(wish)
                await until(lambda: states(bridge) != found, "the mood shows")
                await until(lambda: bool(home.saved), "how they were found is kept")
                await driver.apply(replace(wish, present=False))
                await until(lambda: states(bridge) == found, "put back when nobody is there")
                await until(lambda: not home.saved, "and the memory let go")
                await asyncio.sleep(1.0)
            await driver.apply(BRIGHT)
        assert states(bridge) == found
        await asyncio.sleep(0)
        assert not home.saved


async def test_after_a_crash_the_original_comes_back_not_the_mood(home: Home) -> None:
    async with SimulatedBridge(key=KEY) as bridge:
        found = states(bridge)
        crashed = await crash(home, bridge)
        assert states(bridge) != found
        home.saved = crashed
        async with home.opened(bridge.address) as driver:
            await driver.apply(replace(BRIGHT, present=False))
            assert states(bridge) == found


async def test_after_a_crash_a_lamp_no_longer_named_is_put_back(home: Home) -> None:
    async with SimulatedBridge(lamps_of("LCT016", "LCT016"), key=KEY) as bridge:
        found = states(bridge)
        crashed = await crash(home, bridge)
        home.saved = crashed
        async with home.opened(bridge.address, lights=("Lamp 1",)) as driver:
            await driver.apply(DIM)
            assert states(bridge)["2"] == found["2"]
            assert states(bridge)["1"] != found["1"]
        assert states(bridge) == found


async def test_what_was_found_is_kept_before_the_first_command(home: Home) -> None:
    async with (
        SimulatedBridge(key=KEY) as bridge,
        home.opened(bridge.address) as driver,
    ):
        bridge.misbehaviour = "hang"
        applying = asyncio.create_task(driver.apply(BRIGHT))
        await until(lambda: bool(bridge.commands), "a command is on its way")
        assert home.saved
        applying.cancel()
        await asyncio.gather(applying, return_exceptions=True)
        bridge.misbehaviour = None


async def test_a_lamp_changed_before_anybody_came_is_found_as_it_is(home: Home) -> None:
    """The driver opens long before the first face: what it saw then is no longer true."""
    async with SimulatedBridge(lamps_of("LCT016"), key=KEY, groups={}) as bridge:
        async with home.opened(bridge.address) as driver:
            await driver.apply(replace(BRIGHT, present=False))
            await asyncio.sleep(1.1)
            bridge.lamps["1"].command({"xy": [0.2, 0.2], "bri": 33}, "")
            found = states(bridge)
            await driver.apply(BRIGHT)
            assert states(bridge) != found
        assert states(bridge) == found


async def test_a_lamp_switched_off_by_hand_stays_off(home: Home) -> None:
    async with SimulatedBridge(lamps_of("LCT016", "LCT016", "LOM001"), key=KEY) as bridge:
        async with home.opened(bridge.address) as driver:
            await driver.apply(BRIGHT)
            bridge.lamps["1"].command({"on": False}, "")
            for wish in (DIM, BETWEEN, BRIGHT):
                await driver.apply(wish)
            assert bridge.lamps["1"].state["on"] is False
            assert home.device("Lamp 1").values["on"] is False
            assert bridge.lamps["2"].state["bri"] == 229
        assert bridge.lamps["1"].state["on"] is False


async def test_lamps_that_cannot_be_put_back_are_named(home: Home) -> None:
    lamps = [SimulatedLamp("Sofa"), SimulatedLamp("Shelf")]
    async with SimulatedBridge(lamps, key=KEY) as bridge:
        found = states(bridge)
        home.saved = await crash(home, bridge)
        lamps[1].state["reachable"] = False
        with pytest.raises(Unavailable, match=r"^Shelf will be put back next time: out of reach"):
            async with home.opened(bridge.address):
                pass
        assert states(bridge)["1"] == found["1"]
        assert states(bridge)["2"] != found["2"]
        await asyncio.sleep(0)
        lamps[1].state["reachable"] = True
        async with home.opened(bridge.address):
            pass
        assert states(bridge) == found
        await asyncio.sleep(0)
        assert not home.saved
