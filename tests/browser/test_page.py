"""What a person sees on the page, and what the page asks of the mirror."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from mirrord.mood import affect_by_hand
from mirrord.web import make_app, serve
from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asked(look: Look, count: int = 1) -> list[dict[str, object]]:
    """Wait until the mirror was asked for `count` changes."""
    async with asyncio.timeout(10):
        while len(look.mirror.asked) < count:
            await asyncio.sleep(0.02)
    return look.mirror.asked


async def test_a_live_update_arrives(look: Look) -> None:
    page = await look.open()
    await expect(page.locator("#word")).to_have_text("Joy")
    await expect(page.locator("#seen")).to_have_text("Expression: happy, 93% sure.")
    await look.mirror.show("melancholy")
    await expect(page.locator("#word")).to_have_text("Melancholy")
    await expect(page.locator("#seen")).to_have_text("Expression: sad, 66% sure.")
    await expect(page).to_have_title("Melancholy · Mirror")


@pytest.mark.parametrize(
    ("scene", "sentence"),
    [
        ("unsure", "Not sure which expression this is, so the mood holds."),
        ("nobody", "Nobody is in front of the mirror. The room is as it was found."),
    ],
)
async def test_doubt_and_absence_are_said(look: Look, scene: str, sentence: str) -> None:
    page = await look.open()
    await look.mirror.show(scene)
    await expect(page.locator("#seen")).to_have_text(sentence)


async def test_what_is_wrong_stands_on_the_page_and_goes_when_it_is_mended(look: Look) -> None:
    page = await look.open()
    health = page.locator("#health")
    await expect(page.locator("#health-word")).to_have_text("All is well.")
    said = "Philips Hue: <b>no answer</b>."
    trouble = {"part": "hue", "level": "red", "said": said}
    await look.mirror.change(health={"state": "red", "troubles": [trouble]})
    await expect(page.locator("#health-word")).to_have_text("Something does not work.")
    await expect(health).to_have_attribute("data-state", "red")
    await expect(page.locator("#troubles li")).to_have_text([said])
    await look.mirror.change(health={"state": "green", "troubles": []})
    await expect(page.locator("#troubles li")).to_have_count(0)
    assert look.complaints == []


async def test_the_camera_is_off_with_one_press(look: Look) -> None:
    page = await look.open()
    button = page.get_by_role("button", name="Camera off")
    await expect(button).to_have_attribute("aria-pressed", "false")
    await button.click()
    assert await asked(look) == [{"camera": False}]
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#seen")).to_have_text("The camera is off. The mirror sees nothing.")
    await expect(page.locator("#word")).to_have_text("Rest")
    await button.click()
    assert (await asked(look, 2))[1] == {"camera": True}
    await expect(page.locator("#word")).to_have_text("Joy")


async def test_the_other_controls(look: Look) -> None:
    page = await look.open()
    await page.get_by_role("button", name="Pause room").click()
    await page.get_by_role("button", name="Mute").click()
    await page.get_by_role("switch", name="Thermostat").click()
    await page.get_by_label("No brighter than").fill("0.4")
    await page.get_by_label("No louder than").fill("0.05")
    async with asyncio.timeout(10):
        while look.mirror.state()["controls"]["volume_cap"] != 0.05:
            await asyncio.sleep(0.02)
    controls = look.mirror.state()["controls"]
    assert (controls["room"], controls["mute"], controls["brightness_cap"]) == (False, True, 0.4)
    assert controls["drivers"] == {"hue": True, "audio": True, "thermostat": False}
    await expect(page.locator("#room-state")).to_have_text("is paused and as it was found")
    await expect(page.locator("#brightness-said")).to_have_text("40%")
    await expect(page.get_by_role("switch", name="Thermostat")).to_have_attribute(
        "aria-checked", "false"
    )


async def test_a_refusal_is_shown_and_nothing_stays_pressed(look: Look) -> None:
    look.mirror.refuse = "control: camera: locked by the settings"
    page = await look.open()
    await page.get_by_role("button", name="Camera off").click()
    await expect(page.get_by_role("alert")).to_have_text(look.mirror.refuse)
    await expect(page.locator("#camera")).to_have_attribute("aria-pressed", "false")
    look.complaints = [one for one in look.complaints if "status of 400" not in one]


async def test_a_mood_set_by_hand_lies_where_the_hand_left_it(look: Look) -> None:
    page = await look.open()
    box = await page.locator("#field").bounding_box()
    assert box is not None
    radius, middle = (
        box["width"] / 2 - 20,
        (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2),
    )
    await page.mouse.move(middle[0] + 0.2 * radius, middle[1] - 0.1 * radius)
    await page.mouse.down()
    await page.mouse.move(middle[0] - 0.5 * radius, middle[1] + 0.3 * radius, steps=6)
    await page.mouse.up()
    await expect(page.locator("#source")).to_have_text("Set by hand")
    async with asyncio.timeout(10):
        while True:
            hand = look.mirror.state()["controls"]["hand"]
            affect = affect_by_hand(**hand)
            if abs(affect.valence + 0.5) < 0.03 and abs(affect.arousal + 0.3) < 0.03:
                break
            await asyncio.sleep(0.05)
    await expect(page.locator("#word")).to_have_text("Melancholy")
    await page.get_by_role("button", name="Back to the camera").click()
    await expect(page.locator("#source")).to_have_text("Read from the camera")
    assert look.mirror.state()["controls"]["hand"] is None


async def test_the_keyboard_alone_is_enough(look: Look) -> None:
    page = await look.open()
    reached: list[str] = []
    while len(reached) < 40 and "Thermostat" not in reached:
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate(
                "document.activeElement.id || document.activeElement.getAttribute('aria-label')"
                " || document.activeElement.textContent.trim()"
            )
        )
    wanted = [
        "Skip to the content",
        "camera",
        "pause",
        "mute",
        "handle",
        "mood-joy",
        "mood-melancholy",
    ]
    wanted += ["brightness-cap", "volume-cap", "Philips Hue", "Sound", "Thermostat"]
    assert [one for one in reached if one in wanted] == wanted
    await page.locator("#camera").focus()
    await page.keyboard.press("Enter")
    assert (await asked(look))[0] == {"camera": False}
    await page.locator("#mood-calm").focus()
    await page.keyboard.press("End")
    assert (await asked(look, 2))[1]["hand"]["calm"] == 1
    await page.locator("#handle").focus()
    for _ in range(3):
        await page.keyboard.press("ArrowUp")
    hand = (await asked(look, 3))[-1]["hand"]
    assert hand["calm"] < 1
    await expect(page.locator("#handle")).to_have_attribute(
        "aria-valuetext", re.compile(r"Valence .+, arousal .+")
    )


async def test_the_room_is_shown_as_it_is(look: Look) -> None:
    page = await look.open()
    lamp = page.locator(".lamp", has_text="Window")
    values = look.mirror.state()["drivers"][0]["devices"][0]["values"]
    style = await lamp.get_attribute("style")
    assert style is not None
    assert f"--colour: {values['color']}" in style
    assert await lamp.locator(".how").text_content() == f"{values['brightness']:.0%}"
    await expect(page.locator(".lamp", has_text="Hallway").locator(".how")).to_have_text(
        "out of reach"
    )
    await expect(page.locator("#sound-value")).to_have_text("Uplifting")
    await expect(page.locator("#warmth-note")).to_have_text("measured 21.3°C, warming")
    await expect(page.locator("#air-value")).to_have_text("Good")


async def test_what_is_absent_is_said(look: Look) -> None:
    page = await look.open()
    nothing = {"temperature_c": None, "humidity_pct": None, "air_quality": None}
    await look.mirror.change(
        drivers=[], measured=nothing, session=None, latency=None, vision=None, expressions=None
    )
    await expect(page.locator("#room-state")).to_have_text("has no devices yet")
    for place, text in {
        "#no-lamps": "No lamps are connected.",
        "#sound-note": "No speaker",
        "#warmth-note": "No thermostat",
        "#air-notes": re.compile("No sensor"),
        "#no-drivers": "No drivers are installed.",
        "#facts": re.compile("Nobody is here"),
    }.items():
        await expect(page.locator(place)).to_have_text(text)


async def test_a_driver_in_trouble_says_what_and_what_to_do(look: Look) -> None:
    page = await look.open()
    drivers = look.mirror.state()["drivers"]
    drivers[0] |= {"state": "refused", "error": "The bridge <b>refuses</b> the key."}
    await look.mirror.change(drivers=drivers)
    row = page.locator(".driver", has_text="Philips Hue")
    await expect(row).to_contain_text("Refused")
    await expect(row).to_contain_text("The bridge <b>refuses</b> the key.")
    await expect(row).to_contain_text("Put that right, then switch it off and on.")
    await expect(page.locator("#news")).to_have_text("Philips Hue: Refused.")


async def test_units_follow_the_locale(look: Look) -> None:
    page = await look.open(locale="de-DE")
    await look.mirror.change(locale="de_DE")
    await expect(page.locator("#warmth-value")).to_have_text("23,5°")
    await look.mirror.change(locale="en_US")
    await expect(page.locator("#warmth-note")).to_have_text("gemessen 70.3°F, wird wärmer")


async def test_it_connects_again_after_the_mirror_restarts(look: Look) -> None:
    mirror, app = look.mirror, make_app(look.mirror)
    async with serve(app, "127.0.0.1", 0) as address:
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        look.address = address
        page = await look.open()
        await page.evaluate("window.same = true")
    await expect(page.locator("#link")).to_contain_text("Not connected. Last word")
    await expect(page.locator("#news")).to_have_text(re.compile("connection .* is lost"))
    await mirror.show("energy")
    async with serve(make_app(mirror), "127.0.0.1", port):
        await expect(page.locator("#link")).to_have_text("Live", timeout=20_000)
        await expect(page.locator("#word")).to_have_text("Energy")
        assert await page.evaluate("window.same")
        await page.close()
    look.complaints = [one for one in look.complaints if "WebSocket connection" not in one]


async def test_a_mirror_that_falls_silent_is_noticed(look: Look) -> None:
    page = await _page_with_a_deaf_socket(look)
    await expect(page.locator("#link")).to_have_text("Live")
    await page.clock.fast_forward(14_000)
    await expect(page.locator("#link")).to_contain_text("Not connected. Last word")


async def _page_with_a_deaf_socket(look: Look) -> Page:
    context = await look.browser.new_context(locale="en-GB")
    look.stack.push_async_callback(context.close)
    page = await context.new_page()
    await page.clock.install()
    heard: list[str] = []

    def deafen(socket: object) -> None:
        server = socket.connect_to_server()

        def pass_first(message: str) -> None:
            if not heard:
                heard.append(message)
                socket.send(message)

        server.on_message(pass_first)

    await page.route_web_socket("**/live", deafen)
    await page.goto(look.address)
    return page


async def test_an_updated_mirror_renews_the_page(look: Look) -> None:
    page = await look.open()
    await page.evaluate("window.old = true")
    await look.mirror.change(version="0.2.0")
    await expect(page.locator("#version")).to_have_text("Mood Mirror 0.2.0")
    assert await page.evaluate("window.old === undefined")


async def test_a_paused_room_is_given_back_and_not_absent(look: Look) -> None:
    page = await look.open()
    await look.mirror.control({"room": False})
    drivers = look.mirror.state()["drivers"]
    for driver in drivers:
        driver |= {"state": "paused", "devices": []}  # as a mirror that has closed them tells
    await look.mirror.change(drivers=drivers)
    for part in ("light", "sound", "warmth"):
        await expect(page.locator(f"#{part}-note")).to_contain_text("given back as found")
    await expect(page.locator("#no-lamps")).to_be_hidden()
    for driver in drivers:
        driver["enabled"] = False
    await look.mirror.change(drivers=drivers)
    await expect(page.locator("#light-note")).to_have_text("No lamps")


async def test_an_updated_program_and_an_open_question_are_said_on_every_page(look: Look) -> None:
    page = await look.open()
    bands = page.locator("#bands")
    await expect(bands).to_be_empty()
    consent = {"state": "kept", "needed": True, "allows": True, "at": None}
    await look.mirror.change(updated=True, consent=consent)
    await expect(bands).to_contain_text("start it again")
    await expect(bands).to_contain_text("in use before it asked")
    await expect(bands.get_by_role("link", name="Answer")).to_have_attribute("href", "/welcome")
    await look.mirror.change(updated=False, consent=consent | {"state": "given"})
    await expect(bands).to_be_empty()
