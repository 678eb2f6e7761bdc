"""The settings page in a real browser: changing, undoing, finding, pairing, aiming."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from mirrord.simulator.bridge import SimulatedBridge
from mirrord.updates import Standing
from mirrord.updates.ways import Way
from tests.browser.conftest import Look
from tests.fakes.mirror import FakeMirror
from tests.fakes.settings_desk import TakesOver, desk_of, settings

pytestmark = pytest.mark.asyncio(loop_scope="session")
AXE = Path(__file__).parents[2] / ".peers" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}}
THERMOSTAT = {"kind": "zigbee2mqtt", "topic": "zigbee2mqtt/Radiator", "name": "Radiator"}


class Settings:
    """The page before one browser, and the mirror that takes over what it asks."""

    def __init__(self, look: Look, taker: TakesOver) -> None:
        self.look = look
        self.taker = taker

    async def open(self, **context: Any) -> Page:
        page = await self.look.open("settings", **context)
        await page.wait_for_selector("body[data-settings]")
        return page

    async def until(self, key: str, value: object) -> None:
        """Wait until the mirror has taken over a value."""
        table, name = key.split(".")
        async with asyncio.timeout(10):
            while getattr(getattr(self.taker.config, table), name) != value:
                await asyncio.sleep(0.02)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Settings]:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    tables = {"drivers": {"thermostat": {"host": "10.0.0.1", "thermostats": [THERMOSTAT]}}}
    mirror = FakeMirror()
    async with (
        desk_of(settings(tmp_path, **tables), "look", "read", "control", mirror=mirror) as served,
        AsyncExitStack() as stack,
    ):
        look = Look(browser, mirror, served[0], stack)
        yield Settings(look, served[1])
        assert look.complaints == []


async def test_a_change_holds_at_once_and_is_undone_with_one_press(desk: Settings) -> None:
    page = await desk.open()
    row = page.locator("#row-set-room-fade_s")
    field = page.get_by_label("How softly light changes")
    await expect(field).to_have_value("2")
    await expect(row.locator(".origin")).to_have_text("as delivered")
    await field.fill("4")
    await field.press("Enter")
    await desk.until("room.fade_s", 4.0)
    await expect(row.locator(".origin")).to_have_text("changed here")
    await expect(page.locator("#undo-said")).to_have_text(
        "Room, How softly light changes: 2 seconds → 4 seconds"
    )
    await page.get_by_role("button", name="Undo").click()
    await desk.until("room.fade_s", 2.0)
    await expect(field).to_have_value("2")
    await expect(page.locator("#undo")).to_be_hidden()
    await page.get_by_role("button", name="Do it again").click()
    await desk.until("room.fade_s", 4.0)
    await row.get_by_role("button", name="Back to: 2 seconds").click()
    await desk.until("room.fade_s", 2.0)
    await expect(page.locator(".step")).to_have_count(2)


async def test_a_newer_version_is_said_first_and_how_to_install_it(desk: Settings) -> None:
    page = await desk.open()
    group = page.locator("#updates")
    await expect(group.locator(".status")).to_have_text("Off: nobody is asked.")
    await expect(page.locator("#newer")).to_be_hidden()
    field = page.get_by_label("Where to ask")
    await field.fill("http://mood.example.org/release.json")
    await field.press("Enter")
    await expect(group.locator(".wrong")).to_contain_text("expected an https:// address")
    await field.fill("https://mood.example.org/release.json")
    await field.press("Enter")
    await desk.until("updates.url", "https://mood.example.org/release.json")
    line = Way("pipx", "pipx install --force 'https://mood.example.org/m.whl#sha256=0'")
    known = Standing("newer", "0.1.0", "9.1.0", "2026-12-01", "Sees in the dark.", (line,))
    await desk.look.mirror.change(updates=msgspec.to_builtins(known))
    await expect(page.locator("#newer")).to_contain_text("Version 9.1.0 is there.")
    await page.get_by_role("link", name="How to install it").click()
    await expect(group.locator(".status")).to_be_in_viewport()
    await expect(group.locator(".status")).to_contain_text("of 1 December 2026")
    await expect(group.locator("code")).to_have_text(line.command)
    said = {"said": "It did not answer in time.", "again_at": 1.8e9}
    await desk.look.mirror.change(updates=msgspec.to_builtins(Standing("unknown")) | said)
    await expect(group.locator(".update-said")).to_contain_text("did not answer in time. It is")
    await expect(page.locator("#newer")).to_be_hidden()
    await expect(group.locator("code")).to_be_hidden()
    desk.look.complaints.clear()  # the browser notes the 400


async def test_what_cannot_be_is_said_where_it_is(desk: Settings) -> None:
    page = await desk.open()
    field = page.get_by_label("Comfortable temperature")
    await field.fill("99")
    await field.press("Tab")
    wrong = page.locator("#set-room-comfort_c-wrong")
    await expect(wrong).to_have_text("Please choose between 18 and 28.")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill("21")
    await field.press("Tab")
    await desk.until("room.comfort_c", 21.0)
    await expect(wrong).to_be_hidden()
    language = page.get_by_label("Language and country")
    await language.fill("Klingon")
    await language.press("Enter")  # only the mirror knows what a language is
    await expect(page.locator("#set-mirror-locale-wrong")).to_contain_text("expected")
    desk.look.complaints.clear()  # the browser notes the 400


async def test_every_kind_of_control_changes_its_setting(desk: Settings) -> None:
    page = await desk.open()
    await page.get_by_label("What the room does").select_option("still")
    await desk.until("mirror.mode", "still")
    slider = page.get_by_label("Brightest light")
    await slider.focus()
    await page.keyboard.press("ArrowLeft")
    await desk.until("room.brightness_cap", 0.99)
    await expect(slider).to_have_attribute("aria-valuetext", "99%")
    hue = page.locator("#drivers-hue")
    add = hue.get_by_role("group", name="Lamps").get_by_label("Add a name or number")
    await add.fill("Sofa")
    await add.press("Enter")
    await expect(hue.get_by_label("Entry 1")).to_have_value("Sofa")
    await page.keyboard.type("3")  # the next one can follow at once
    await page.keyboard.press("Enter")
    await expect(hue.get_by_label("Entry 2")).to_have_value("3")
    assert desk.taker.config.drivers["hue"]["lights"] == ["Sofa", 3]
    await hue.get_by_role("button", name="Remove Sofa").click()
    await expect(hue.get_by_label("Entry 2")).to_have_count(0)
    assert desk.taker.config.drivers["hue"]["lights"] == [3]


async def test_a_driver_shows_whether_it_is_on_and_is_switched(desk: Settings) -> None:
    mirror = desk.look.mirror
    await mirror.control({"drivers": {"thermostat": False}})
    page = await desk.open()
    switch = page.locator("#drivers-thermostat").get_by_role("switch", name="Use these devices")
    await expect(switch).to_have_attribute("aria-checked", "false")  # though the file has it on
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    assert mirror.asked[-1] == {"drivers": {"thermostat": True}}
    assert desk.taker.config.drivers["thermostat"].get("enabled", True)
    await switch.click()
    async with asyncio.timeout(10):
        while desk.taker.config.drivers["thermostat"].get("enabled", True):
            await asyncio.sleep(0.02)


async def test_thermostats_are_edited_as_a_list(desk: Settings) -> None:
    page = await desk.open()
    group = page.get_by_role("group", name="Thermostats", exact=True)
    await group.get_by_label("Name").fill("Bedroom")
    await group.get_by_label("Name").press("Tab")
    assert desk.taker.config.drivers["thermostat"]["thermostats"] == [THERMOSTAT]
    await group.get_by_role("button", name="Add one").click()
    await group.get_by_label("Kind", exact=True).nth(1).fill("zigbee")
    await group.get_by_role("button", name="Save the list").click()
    wrong = page.locator("#set-drivers-thermostat-thermostats-wrong")
    await expect(wrong).to_contain_text("topic: is missing")
    await group.get_by_label("Topic", exact=True).nth(1).fill("shellies/one")
    await group.get_by_label("Kind", exact=True).nth(1).fill("shelly")
    await group.get_by_label("Kind", exact=True).nth(1).press("Tab")
    await group.get_by_role("button", name="Save the list").click()
    await expect(wrong).to_be_hidden()
    await expect(group.get_by_role("button", name="Save the list")).to_be_hidden()
    kept = desk.taker.config.drivers["thermostat"]["thermostats"]
    assert [(one["name"], one["kind"]) for one in kept] == [
        ("Bedroom", "zigbee2mqtt"),
        ("", "shelly"),
    ]
    desk.look.complaints.clear()  # the browser notes the 400


async def test_search_finds_by_words_and_opens_what_is_folded(desk: Settings) -> None:
    page = await desk.open()
    shown = page.locator(".setting:visible")
    every = await shown.count()
    assert await page.get_by_label("Smallest face").is_hidden()
    await page.get_by_label("Find a setting").fill("smallest face")
    await expect(page.locator("#found")).to_have_text("One setting found")
    await expect(page.get_by_label("Smallest face")).to_be_visible()
    await expect(shown).to_have_count(1)
    await page.get_by_label("Find a setting").fill("")
    await expect(shown).to_have_count(every)


async def test_a_camera_is_found_and_taken_with_one_tap(desk: Settings) -> None:
    page = await desk.open()
    camera = page.locator("#camera")
    await camera.get_by_role("button", name="Find cameras").click()
    await expect(camera.locator(".said")).to_have_text("2 found", timeout=20_000)
    await expect(
        camera.get_by_role("button", name="Webcam (/dev/video0) is in use")
    ).to_be_disabled()
    assert desk.taker.config.camera.source == 0


async def test_a_bridge_is_paired_with_by_its_button(desk: Settings) -> None:
    async with SimulatedBridge() as bridge:
        page = await desk.open()
        hue = page.locator("#drivers-hue")
        address = page.get_by_label("Hue bridge", exact=True)
        await address.fill(bridge.address)
        await address.press("Enter")
        await expect(page.locator("#undo")).to_be_visible()
        pairer = hue.locator(".pairer")
        await pairer.get_by_role("button", name="Start pairing").click()
        await expect(pairer.locator(".said").first).to_have_text(
            "Press the button on the device now."
        )
        await expect(pairer.get_by_role("button", name="Cancel")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(pairer.locator(".said").first).to_have_text("Cancelled; nothing has changed.")
        await pairer.get_by_role("button", name="Try again").click()
        bridge.press_link_button()
        await expect(pairer.locator(".said").first).to_have_text(
            "Paired. The mirror uses the device now.", timeout=20_000
        )
        assert desk.taker.reopened == ["hue"]


FACES = (
    ([220, 150, 160, 160], "good", "Well placed: your face can be read."),
    ([300, 200, 30, 30], "small", "A little closer, please."),
    ([220, 150, 160, 160], "dark", "Too dark: switch a lamp on in front of you."),
    ([220, 150, 160, 160], "turned", "Turned away: look into the mirror."),
    ([220, 0, 120, 120], "good", "Your face is near the upper edge: tilt the camera up."),
    ([0, 150, 160, 160], "good", "Your face is near the side"),
    ([100, 20, 400, 400], "good", "A little further away, please."),
)


async def test_the_aid_shows_where_faces_are_and_what_to_do(desk: Settings) -> None:
    page = await desk.open()
    words, face = page.locator(".framing-words"), page.locator(".framing .face")
    for box, quality, sentence in FACES:
        seen = {"track": 1, "box": box, "expression": "happy", "confidence": 0.9}
        await desk.look.mirror.change(
            frame={"width": 640, "height": 480}, faces=[{**seen, "quality": quality}]
        )
        await expect(words).to_contain_text(sentence)
        # As in a mirror: what is on the left of the frame is on the right.
        await expect(face).to_have_attribute("x", str(640 - box[0] - box[2]))
    await desk.look.mirror.change(faces=[])
    await expect(words).to_have_text("Nobody in view. Step in front of the mirror.")
    assert await page.locator(".framing :is(img, video, canvas, image)").count() == 0


@pytest.mark.parametrize(
    "context", [PHONE, {"viewport": {"width": 1440, "height": 900}}], ids=["phone", "desktop"]
)
async def test_it_fits_and_every_control_has_a_name(
    desk: Settings, context: dict[str, Any]
) -> None:
    page = await desk.open(**context)
    for fold in await page.locator("details > summary").all():
        await fold.click()
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    nameless = await page.evaluate(
        """[...document.querySelectorAll("main :is(input, select, button, [role=switch])")]
            .filter((one) => !one.labels?.length && !one.getAttribute("aria-label")
                && !one.getAttribute("aria-labelledby") && !one.textContent.trim())
            .map((one) => one.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    small = await page.evaluate(
        """[...document.querySelectorAll("main :is(input, select, .plain, .flip)")]
            .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43)
            .map((one) => one.outerHTML.slice(0, 200))"""
    )
    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(desk: Settings, scheme: str) -> None:
    page = await desk.open(bypass_csp=True, color_scheme=scheme)
    for fold in await page.locator("details > summary").all():
        await fold.click()
    await page.get_by_label("Comfortable temperature").fill("99")
    await page.keyboard.press("Tab")
    await page.get_by_label("How softly light changes").fill("3")
    await page.keyboard.press("Tab")
    await expect(page.locator("#undo")).to_be_visible()
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run()")
    broken = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert broken == []


async def test_it_speaks_german(desk: Settings) -> None:
    page = await desk.open(locale="de-DE", **PHONE)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Einstellungen")
    field = page.get_by_label("Wie sanft das Licht wechselt")
    await field.fill("90")
    await field.press("Tab")
    await expect(page.locator("#set-room-fade_s-wrong")).to_have_text(
        "Bitte wähle zwischen 0 und 60."
    )
    left = await page.locator("main").inner_text()
    assert not re.search(r"\b(settings?|changed|delivered|file)\b", left, re.IGNORECASE)
    # The switch that every driver has, of one that nobody here knows.
    stranger = {"key": "drivers.stranger.enabled", "label": "Enabled"}
    label = "one => import('/static/settings/words.js').then(({ labelOf }) => labelOf(one))"
    assert await page.evaluate(label, stranger) == "Diese Geräte nutzen"


async def test_the_keyboard_is_enough(desk: Settings) -> None:
    page = await desk.open()
    await page.get_by_label("Find a setting").focus()
    await page.keyboard.type("looks a second")
    await page.keyboard.press("Tab")
    for _ in range(20):
        if await page.evaluate("document.activeElement.id") == "set-camera-fps":
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("6")
    await page.keyboard.press("Enter")
    await desk.until("camera.fps", 6.0)
    assert await page.evaluate("document.activeElement.id") == "set-camera-fps"
    await expect(page.locator("#news")).to_contain_text("Looks a second: 10 → 6")


async def test_who_may_not_is_told_to_sign_in(browser: Browser, tmp_path: Path) -> None:
    mirror = FakeMirror()
    async with desk_of(settings(tmp_path), mirror=mirror) as served, AsyncExitStack() as stack:
        look = Look(browser, mirror, served[0], stack)
        page = await look.open("settings")
        await expect(page.locator(".note")).to_contain_text("Sign in first.")
        await expect(page.locator("#body")).to_be_hidden()
