"""Why this light, "that's not right" and the modes, in a real browser before the real routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from mirrord.store import Store
from mirrord.web import make_app, serve
from mirrord.web.corrections import correcting
from mirrord.web.why import explaining
from tests.browser.conftest import Look
from tests.fakes.mirror import FakeMirror
from tests.test_corrections import everybody
from tests.test_why import House

AXE = Path(__file__).parents[2] / ".peers" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def seen(browser: Browser, tmp_path: Path) -> AsyncIterator[tuple[Look, House]]:
    """A page that shows a fake mirror, over an engine that has just seen a sad face."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(tmp_path / "mirror.sqlite3", 0.2))
        house = House(store, {})
        stack.callback(house.engine.close)
        house.see("sad", 20)
        mirror = FakeMirror("melancholy")
        app = make_app(
            mirror,
            everybody("look", "read", "control"),
            explaining(house.reasons),
            correcting(house.teaching),
        )
        address = await stack.enter_async_context(serve(app, "127.0.0.1", 0))
        look = Look(browser, mirror, address, stack)
        yield look, house
        assert look.complaints == []


async def test_the_line_and_the_chain(seen: tuple[Look, House]):
    look, house = seen
    page = await look.open()
    line = page.locator("#because")
    await expect(line).to_have_text("The light is violet because you look sad.")
    await look.mirror.show("joy")
    await expect(line).to_have_text("The light is golden because you look happy.")
    await page.get_by_role("button", name="Why this light?").press("Enter")
    links = page.locator("#chain > li")
    await expect(links.locator("h3")).to_have_text(
        ["Expression", "Mood", "Mode", "Rules", "Limits", "Devices"]
    )
    await expect(links.nth(0)).to_contain_text("sad, 90% sure")
    await expect(links.nth(1)).to_contain_text("Source: Russell & Mehrabian 1977; Russell 1980")
    rules = links.nth(3).locator(".rule")
    await expect(rules).to_have_count(9)
    await expect(rules.nth(1)).to_contain_text("0.5 + 0.3 · arousal + 0.2 · valence")
    await expect(rules.nth(1)).to_contain_text("Wilms & Oberfeld 2018")
    await expect(links.nth(5)).to_contain_text(house.engine.environment.lighting_color)
    house.see("happy", 40)  # an open chain follows
    await expect(links.nth(0)).to_contain_text("happy, 90% sure")
    await page.get_by_role("button", name="Close").press("Enter")
    await expect(page.locator("#chain")).to_be_hidden()


async def test_two_taps_correct_and_one_takes_it_back(seen: tuple[Look, House]):
    look, house = seen
    page = await look.open()
    await page.get_by_role("button", name="That’s not right").press("Enter")
    await expect(page.get_by_role("button", name="happy")).to_be_focused()
    await page.get_by_role("button", name="neutral").press("Enter")
    await expect(page.locator("#corrected")).to_have_text("Thank you. That counts from now on.")
    await expect(page.locator("#news")).to_have_text("Thank you. That counts from now on.")
    assert house.engine.calibration.corrections == 1
    entry = page.locator("#corrections li")
    await expect(entry).to_contain_text("sad (88%), should be neutral")
    await entry.get_by_role("button").click()
    await expect(entry).to_contain_text("undone")
    assert house.engine.calibration.corrections == 0
    await page.get_by_role("button", name="angry").click()
    await expect(entry).to_have_count(2)
    await page.get_by_role("button", name="Undo all corrections").click()
    await expect(page.locator("#undo-all")).to_be_hidden()
    assert house.engine.calibration.corrections == 0
    house.engine.looks.clear()
    await page.get_by_role("button", name="happy").click()
    await expect(page.locator("#alert")).to_contain_text("Nobody was judged just now")
    look.complaints[:] = [one for one in look.complaints if "409" not in one]


async def test_the_modes_with_the_keyboard_alone(seen: tuple[Look, House]):
    look, _ = seen
    page = await look.open()
    modes = page.get_by_role("radiogroup", name="What the room does")
    mirror = modes.get_by_role("radio", name="Mirror")
    await expect(mirror).to_be_checked()
    await mirror.focus()
    await page.keyboard.press("ArrowRight")
    await expect(modes.get_by_role("radio", name="Counter")).to_be_checked()
    await expect(page.locator("#because")).to_contain_text("to oppose it")
    await expect(page.locator("#source")).to_have_text("Read from the camera, then opposed")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".stage")).to_have_text("Step 10 of 20; 5 mins to go.")
    await expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
    await page.get_by_label("Lead to").select_option("joy")
    await expect(page.locator("#because")).to_contain_text("on the way to Joy")
    assert look.mirror.asked == [{"mode": "counter"}, {"mode": "guide"}, {"goal": "joy"}]
    await page.locator("#mode-still").check()
    await expect(page.locator("#guide")).to_be_hidden()


async def test_in_german_on_a_phone_nothing_overflows(seen: tuple[Look, House]):
    look, _ = seen
    page = await look.open(locale="de-DE", viewport={"width": 390, "height": 844})
    await expect(page.locator("#because")).to_have_text(
        "Das Licht ist violett, weil du traurig aussiehst."
    )
    await page.get_by_role("button", name="Warum dieses Licht?").click()
    await page.get_by_role("button", name="Das stimmt nicht").click()
    await page.get_by_role("radio", name="Führen").check()
    await expect(page.locator("#chain > li")).to_have_count(6)
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    heights = await page.evaluate(
        "[...document.querySelectorAll('.story :is(button, select), .choice label')]"
        ".filter(one => one.offsetParent).map(one => one.offsetHeight)"
    )
    assert min(heights) >= 44


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
async def test_axe_finds_nothing_with_all_of_it_open(
    seen: tuple[Look, House], scheme: str, width: int
):
    look, house = seen
    await house.teaching.correct_look("neutral")
    await look.mirror.control({"mode": "guide"})
    page = await look.open(color_scheme=scheme, viewport={"width": width, "height": 900})
    await page.locator("#why").click()
    await page.locator("#wrong").click()
    await expect(page.locator("#corrections li")).to_have_count(1)
    await expect(page.locator("#chain > li")).to_have_count(6)
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert [
        (one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]
    ] == []


async def test_devices_that_are_held_or_silent_are_said(seen: tuple[Look, House]):
    look, _ = seen
    page = await look.open()
    drivers = look.mirror.state()["drivers"]
    thermostat, humidifier = drivers[2]["devices"][:2]
    thermostat["values"] |= {"held": True, "confirmed": None}
    humidifier["values"] |= {"confirmed": False, "problem": "announces °F"}
    await look.mirror.change(drivers=drivers)
    await expect(page.locator(".remarks li")).to_have_text(
        [
            "Living room: set by a person, left alone",
            "Humidifier: asked, and has not confirmed it",
            "Humidifier: announces °F",
        ]
    )
