"""Lamps that a person has changed, on the page or elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver import DeviceWish, Driver, Environment
from mirrord.simulator.bridge import SimulatedBridge, SimulatedLamp
from mirrord.testing import BETWEEN, BRIGHT, DIM
from mirrord_hue import hands, lights
from mirrord_hue.lights import Lights
from tests.fakes.hue import KEY, Home, sent


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Looks come at once, and reports are believed at once, so that the tests are short."""
    monkeypatch.setattr(lights, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(lights, "FRESH_S", 0.0)
    monkeypatch.setattr(hands, "SETTLE_S", 0.0)
    return Home(tmp_path)


def two() -> SimulatedBridge:
    return SimulatedBridge([SimulatedLamp("Sofa"), SimulatedLamp("Shelf")], key=KEY)


def wish(bridge: SimulatedBridge, home: Home, base: Environment, **lamps: Any) -> Environment:
    named = {home.device(name).id: asked for name, asked in lamps.items()}
    return replace(base, devices=named)


async def settle(driver: Driver, environment: Environment) -> None:
    """Apply until everything is sent and seen: a group takes a command a second."""
    assert isinstance(driver, Lights)
    for _ in range(2):
        await driver.apply(environment)
        while driver.sending:
            await asyncio.sleep(0.02)


async def test_brightness_set_in_the_app_is_left_alone_and_the_colour_follows(home: Home):
    async with two() as bridge:
        async with home.opened(bridge.address) as driver:
            await settle(driver, BRIGHT)
            bridge.lamps["1"].command({"bri": 40}, "")
            await settle(driver, BRIGHT)
            assert home.device("Sofa").values["held"] is True
            colour = list(bridge.lamps["1"].state["xy"])
            await settle(driver, DIM)
            assert bridge.lamps["1"].state["bri"] == 40
            assert bridge.lamps["1"].state["xy"] != colour
            assert bridge.lamps["2"].state["bri"] == 64
            assert home.device("Shelf").values["held"] is False
        assert bridge.lamps["1"].state["bri"] == 40  # what a person wanted is what is put back


async def test_a_colour_set_in_the_app_is_left_alone(home: Home):
    async with two() as bridge, home.opened(bridge.address) as driver:
        await settle(driver, BRIGHT)
        bridge.lamps["1"].command({"ct": 200}, "")
        await settle(driver, DIM)
        assert bridge.lamps["1"].state["colormode"] == "ct"
        assert bridge.lamps["1"].state["ct"] == 200
        assert bridge.lamps["1"].state["bri"] == 64


async def test_it_ends_when_nobody_is_there(home: Home):
    async with two() as bridge, home.opened(bridge.address) as driver:
        await settle(driver, BRIGHT)
        bridge.lamps["1"].command({"bri": 40}, "")
        await settle(driver, BRIGHT)
        await settle(driver, replace(BRIGHT, present=False))
        await settle(driver, BRIGHT)
        assert home.device("Sofa").values["held"] is False
        assert bridge.lamps["1"].state["bri"] == 229


async def test_it_ends_after_its_time(home: Home):
    async with two() as bridge, home.opened(bridge.address, hold_s=0.0) as driver:
        await settle(driver, BRIGHT)
        bridge.lamps["1"].command({"bri": 40}, "")
        await settle(driver, BRIGHT)
        await settle(driver, BETWEEN)
        assert bridge.lamps["1"].state["bri"] == 153


async def test_the_page_takes_it_back(home: Home):
    async with two() as bridge, home.opened(bridge.address) as driver:
        await settle(driver, BRIGHT)
        bridge.lamps["1"].command({"bri": 40}, "")
        await settle(driver, BRIGHT)
        await settle(driver, wish(bridge, home, BRIGHT, Sofa=DeviceWish(follow=True)))
        assert bridge.lamps["1"].state["bri"] == 229


async def test_one_lamp_of_a_group_is_set_by_itself(home: Home):
    async with two() as bridge, home.opened(bridge.address) as driver:
        await settle(driver, BRIGHT)
        red = DeviceWish(color="#FF0000", brightness=0.2)
        await settle(driver, wish(bridge, home, BRIGHT, Sofa=red))
        assert bridge.lamps["1"].state["bri"] == 52
        assert bridge.lamps["2"].state["bri"] == 229
        assert bridge.lamps["1"].state["xy"] != bridge.lamps["2"].state["xy"]
        bridge.commands.clear()
        await settle(driver, DIM)
        assert {path.split("/")[0] for path, _ in sent(bridge)} == {"groups"}
        assert bridge.lamps["1"].state["bri"] == bridge.lamps["2"].state["bri"] == 64


async def test_a_gain_weakens_a_lamp_and_nothing_else(home: Home):
    async with two() as bridge, home.opened(bridge.address) as driver:
        await settle(driver, BRIGHT)
        await settle(driver, wish(bridge, home, BRIGHT, Sofa=DeviceWish(gain=0.5)))
        assert bridge.lamps["1"].state["bri"] == 115
        assert bridge.lamps["2"].state["bri"] == 229
        assert bridge.lamps["1"].state["xy"] == bridge.lamps["2"].state["xy"]
        await settle(driver, wish(bridge, home, BRIGHT, Sofa=DeviceWish(gain=0.5)))
        assert home.device("Sofa").values["held"] is False
