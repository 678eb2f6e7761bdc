"""Against hue-simulator from npm: a bridge that we did not write, with the API of 2013."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver import Unavailable, write_secret
from mirrord.testing import BRIGHT, DIM, environment
from mirrord_hue import HueSettings, plugin
from mirrord_hue.pairing import pair
from tests.fakes.hue import Home, get, npm_bridge

KNOWN = "newdeveloper"


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with npm_bridge() as address:
        yield address


@pytest.fixture
def home(tmp_path: Path) -> Home:
    write_secret(tmp_path / "hue.key", KNOWN)
    return Home(tmp_path)


async def lamp(address: str, number: int) -> dict[str, Any]:
    state: dict[str, Any] = (await get(address, f"/api/{KNOWN}/lights/{number}"))["state"]
    return state


async def test_it_pairs_with_the_button(tmp_path: Path, address: str) -> None:
    home = Home(tmp_path)

    async def press() -> None:
        await asyncio.sleep(0.5)
        with pytest.raises(ValueError, match="Expecting value"):  # it answers in prose
            await get(address, "/linkbutton")

    pressing = asyncio.create_task(press())
    sentence = await pair(HueSettings(bridge=address), home.side(), lambda _share: None)
    await pressing
    assert "plain HTTP" in sentence
    async with plugin.open(HueSettings(bridge=address), home.side()) as driver:
        await driver.apply(BRIGHT)


async def test_lamps_take_the_mood_and_are_put_back(home: Home, address: str) -> None:
    """Lamp 1 is found off, lamp 2 on in hue and saturation; together they are its group 1."""
    found = [await lamp(address, number) for number in (1, 2)]
    async with home.opened(address) as driver:
        for wish, bri in ((BRIGHT, 229), (DIM, 64)):
            await driver.apply(wish)
            await asyncio.sleep(1.1)
            for number in (1, 2):
                state = await lamp(address, number)
                assert state["on"] is True
                assert state["bri"] == bri
        assert state["xy"] == pytest.approx([0.22, 0.14], abs=0.1)
        assert home.device("Hue Lamp 2").values["on"] is True
    for number, before in enumerate(found, start=1):
        after = await lamp(address, number)
        for name in ("on", "bri", "hue", "sat"):
            assert after[name] == before[name], (number, name)


async def test_single_lamps_are_named_as_the_bridge_names_them(home: Home, address: str) -> None:
    before = await lamp(address, 1)
    async with home.opened(address, lights=("hue lamp 2",)) as driver:
        await driver.apply(environment(lighting_intensity=0.5))
        assert (await lamp(address, 2))["bri"] == 128
        assert await lamp(address, 1) == before


async def test_an_unknown_user_hangs_it_but_not_us(tmp_path: Path, address: str) -> None:
    home = Home(tmp_path)
    write_secret(tmp_path / "hue.key", "nobody-it-knows")
    started = time.monotonic()
    with pytest.raises(Unavailable, match="no answer within 3 s"):
        async with home.opened(address):
            raise AssertionError("it opened")
    assert time.monotonic() - started < 9.0
