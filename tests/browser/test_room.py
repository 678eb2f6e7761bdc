"""The Room page: foreseeing a mood, and devices by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from mirrord.model import Affect, Environment, Measured, Mood
from mirrord.response import respond
from mirrord.web import make_app, serve
from mirrord.web.room import room_part
from tests.browser.conftest import Look, _owner
from tests.fakes.mirror import FakeMirror

pytestmark = pytest.mark.asyncio(loop_scope="session")


FOLLOWS = {"color": None, "brightness": None, "setpoint_c": None, "follow": False}


def foresee(affect: Affect) -> Environment:
    return respond(Mood(affect, "unsure", 1.0, 1, present=True), Measured())


@pytest_asyncio.fixture(loop_scope="session")
async def room(browser: Browser) -> AsyncIterator[Look]:
    mirror = FakeMirror()
    app = make_app(mirror, lambda app: app.middlewares.append(_owner), room_part(foresee))
    async with serve(app, "127.0.0.1", 0) as address, AsyncExitStack() as stack:
        look = Look(browser, mirror, address, stack)
        yield look
        await asyncio.sleep(0)
        assert look.complaints == []


async def asked(look: Look, change: dict[str, Any]) -> None:
    async with asyncio.timeout(10):
        while change not in look.mirror.asked:
            await asyncio.sleep(0.02)


async def test_a_mood_is_foreseen_and_applied_only_on_a_word(room: Look) -> None:
    page = await room.open("room")
    figures = page.locator("#foreseen dd")
    await expect(figures).to_have_count(5)
    calm = await figures.all_inner_texts()
    await page.get_by_text("Energy", exact=True).click()
    await expect(figures.first).not_to_have_text(calm[0])
    assert room.mirror.asked == []
    await page.get_by_role("button", name="Make it so").click()
    await asked(room, {"hand": {"joy": 0, "calm": 0, "energy": 1, "melancholy": 0}})
    await page.get_by_role("button", name="Back to the mood that is seen").click()
    await asked(room, {"hand": None})


async def test_one_lamp_is_weakened_set_by_hand_and_given_back(room: Look) -> None:
    page = await room.open("room")
    lamp = page.locator(".device.lamp").filter(has_text="Shelf")
    await lamp.get_by_label("Takes part").fill("0.5")
    await asked(room, {"gains": {"2": 0.5}})
    await lamp.get_by_label("Brightness").fill("0.2")
    await asked(room, {"devices": {"2": {**FOLLOWS, "brightness": 0.2}}})
    await expect(page.locator("#lead")).to_have_text(
        "One device is in your hands; the rest follows the mood."
    )
    await lamp.get_by_role("button", name="Follow the mood").click()
    await asked(room, {"devices": {"2": {**FOLLOWS, "follow": True}}})


async def test_a_thermostat_goes_by_half_degrees(room: Look) -> None:
    page = await room.open("room")
    wall = page.locator(".device.thermostat")
    set_to = room.mirror.state()["drivers"][2]["devices"][0]["values"]["setpoint_c"]
    await wall.get_by_role("button", name="half a degree warmer").click()
    await asked(room, {"devices": {"t": {**FOLLOWS, "setpoint_c": set_to + 0.5}}})


async def test_what_was_changed_elsewhere_is_shown_and_taken_back(room: Look) -> None:
    drivers = room.mirror.state()["drivers"]
    drivers[0]["devices"][0]["values"]["held"] = True
    await room.mirror.change(drivers=drivers)
    page = await room.open("room", viewport={"width": 390, "height": 844})
    lamp = page.locator(".device.lamp").filter(has_text="Window")
    await expect(lamp.locator(".why")).to_contain_text("in its app")
    await lamp.get_by_role("button", name="Follow the mood").click()
    await asked(room, {"devices": {"0": {**FOLLOWS, "follow": True}}})


async def test_without_devices_the_page_says_so(room: Look) -> None:
    await room.mirror.change(drivers=[])
    page = await room.open("room")
    await expect(page.locator("#lead")).to_contain_text("No device is connected yet")
