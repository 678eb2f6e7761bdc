"""The page for everyone: small screens, assistive technology, other settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = Path(__file__).parents[2] / ".peers" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL_TARGETS = """
[...document.querySelectorAll('a, button, input, [role=slider]')]
  .filter(one => one.offsetParent && !one.matches('.skip'))
  .map(one => [one.id || one.textContent.trim() || one.ariaLabel, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 40 || box.height < 40)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)
"""


async def test_axe_finds_nothing_in_trouble(look: Look) -> None:
    page = await look.open(color_scheme="light")
    drivers = look.mirror.state()["drivers"]
    drivers[0] |= {"state": "unavailable", "error": "The bridge does not answer."}
    await look.mirror.control({"hand": {"joy": 1, "calm": 0, "energy": 0, "melancholy": 0}})
    await look.mirror.change(drivers=drivers)
    await expect(page.locator(".driver .error").first).to_be_visible()
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run()")
    assert [one["id"] for one in found["violations"]] == []


async def test_nothing_is_wider_than_the_screen(look: Look) -> None:
    await look.mirror.show("melancholy")  # the longest word
    page = await look.open()
    for width in (320, 390, 768, 1024):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.wait_for_timeout(100)
        wide = await page.evaluate(
            "[document.documentElement, document.body].map(one => one.scrollWidth - innerWidth)"
        )
        assert max(wide) <= 0, width
        outside = await page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, p, li, dd, button, a, label, output')]"
            ".filter(one => one.offsetParent && !one.matches('.hidden, .skip, .hidden *'))"
            ".filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
            ".map(one => one.textContent)"
        )
        assert outside == [], width


async def test_targets_are_large_enough_for_a_thumb(look: Look) -> None:
    page = await look.open()
    for viewport in (DESKTOP, PHONE):
        await page.set_viewport_size(viewport)
        assert await page.evaluate(SMALL_TARGETS) == []


async def test_the_live_region_does_not_chatter(look: Look) -> None:
    page = await look.open()
    await page.evaluate(
        "window.spoken = []; new MutationObserver(() => spoken.push(news.textContent))"
        ".observe(news, { childList: true, characterData: true, subtree: true })"
    )
    for scene in ("calm", "joy", "energy", "melancholy", "joy"):
        await look.mirror.show(scene)
        await page.wait_for_timeout(250)
    assert await page.evaluate("spoken") == []


async def test_a_slider_that_is_held_is_not_moved_by_the_camera(look: Look) -> None:
    page = await look.open()
    slider = page.locator("#mood-joy")
    await slider.focus()
    before = await slider.input_value()
    await look.mirror.show("melancholy")
    await expect(page.locator("#word")).to_have_text("Melancholy")
    assert await slider.input_value() == before


@pytest.mark.parametrize("setting", [{"forced_colors": "active"}, {"contrast": "more"}])
async def test_high_contrast_keeps_the_controls_visible(
    look: Look, setting: dict[str, Any]
) -> None:
    page = await look.open(**setting)
    await page.locator("#camera").click()
    await expect(page.locator("#camera")).to_have_attribute("aria-pressed", "true")
    colours = await page.evaluate(
        "(() => { const pressed = getComputedStyle(camera), other = getComputedStyle(mute);"
        " return [pressed.backgroundColor, other.backgroundColor, pressed.color] })()"
    )
    assert colours[0] not in colours[1:]
