"""The mirror view: it moves, it fades, it rests."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The channels of a small copy of the picture.
SAMPLE = """
(() => {
  const small = document.createElement('canvas');
  small.width = 96; small.height = 54;
  const pen = small.getContext('2d');
  pen.drawImage(document.getElementById('glass'), 0, 0, 96, 54);
  return [...pen.getImageData(0, 0, 96, 54).data].filter((_, at) => at % 4 !== 3);
})()
"""
SMALL = {"width": 320, "height": 180}


async def sample(page: Page) -> list[int]:
    picture: list[int] = await page.evaluate(SAMPLE)
    return picture


def difference(one: list[int], other: list[int]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


async def pass_time(page: Page, milliseconds: int) -> None:
    """Let time pass in frames of 100 ms, the longest step that the picture takes."""
    for _ in range(milliseconds // 100):
        await page.clock.fast_forward(100)


async def watch(look: Look, **context: Any) -> Page:
    """Open the mirror view with its time in the test's hands."""
    page = await look.open("about:blank", viewport=SMALL, **context)
    await page.clock.install(time=0)
    await page.goto(look.address + "mirror")
    # `said` waits for the first state; from then on only `pass_time` lets time pass.
    await expect(page.locator("#glass")).to_have_attribute("aria-label", re.compile(": "))
    await page.clock.pause_at(10_000)
    return page


async def find_the_way_back(page: Page) -> None:
    for _ in ("the address", "full screen", "back"):
        await page.keyboard.press("Tab")
    await expect(page.locator("a[href='/']")).to_be_focused()


@pytest.mark.parametrize("scene", ["joy", "calm", "energy", "melancholy", "neutral"])
async def test_each_pattern_moves(look: Look, scene: str) -> None:
    await look.mirror.show(scene)
    page = await watch(look)
    await pass_time(page, 2500)
    first = await sample(page)
    await pass_time(page, 700)
    assert max(first) > 40
    assert difference(first, await sample(page)) > 0.05


async def test_no_change_is_a_jump(look: Look) -> None:
    page = await watch(look)
    await pass_time(page, 3000)
    before = await sample(page)
    await look.mirror.show("melancholy")
    await expect(page.locator("#said")).to_have_text("Melancholy")
    await pass_time(page, 100)
    soon = difference(before, await sample(page))
    await pass_time(page, 4000)
    late = difference(before, await sample(page))
    assert late > 8
    assert soon < 0.25 * late


async def test_it_is_dark_while_the_camera_is_off(look: Look) -> None:
    page = await watch(look)
    await pass_time(page, 2500)
    assert max(await sample(page)) > 80
    await look.mirror.control({"camera": False})
    await expect(page.locator("#said")).to_have_text("The camera is off")
    await pass_time(page, 8000)
    assert max(await sample(page)) < 40


@pytest.mark.parametrize("scene", ["energy", "joy"])
async def test_with_reduced_motion_it_stands_still(look: Look, scene: str) -> None:
    await look.mirror.show(scene)
    page = await watch(look, reduced_motion="reduce")
    await pass_time(page, 10_000)
    first = await sample(page)
    assert max(first) > 40
    await pass_time(page, 1000)
    assert first == await sample(page)


async def test_the_way_back_is_there_when_it_is_wanted(look: Look) -> None:
    page = await look.open("mirror", viewport=SMALL)
    await find_the_way_back(page)
    back = page.get_by_role("link", name="Back to the page")
    await expect(back).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("body[data-ready]")


async def test_the_way_back_waits_for_no_words(look: Look) -> None:
    """A key may come before the page's script runs: that waits for its words."""
    page = await look.open("about:blank", viewport=SMALL)
    asked, told = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await told.wait()
        await route.continue_()

    await page.route("**/words/mirror", late)
    await page.goto(look.address + "mirror")
    await asked.wait()
    await find_the_way_back(page)
    await expect(page.locator("nav")).to_have_css("opacity", "1")
    told.set()
    await expect(page.get_by_role("link", name="Back to the page")).to_be_focused()
