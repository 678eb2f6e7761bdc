"""What a person sees of what was."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Look, Past
from tests.browser.records import visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINES = "document.querySelectorAll('#course .scatterlayer .trace').length"


async def drawn(page: Page, *charts: str) -> None:
    for chart in charts:
        await expect(page.locator(f"#{chart} .main-svg").first).to_be_visible(timeout=30_000)


async def test_the_past_is_shown(past: Past) -> None:
    page = await past.open("history", locale="de-DE", timezone_id="Europe/Berlin")
    await drawn(page, "course", "path", "week")
    await expect(page.locator("h1")).to_have_text("Verlauf")
    await expect(page.locator("#lead")).to_contain_text("1.440 Messwerte aus 40 Besuchen seit")
    await expect(page.locator("#course")).to_have_attribute(
        "aria-label", re.compile("Im Mittel: Freude")
    )
    assert await page.evaluate(LINES) == 8  # each mood, and its faint bridge over what is missing
    await expect(page.locator("#mood-shares .share")).to_have_count(4)
    await expect(page.locator("#weeks-rows tr")).to_have_count(4)
    await expect(page.locator("#sessions li")).to_have_count(10)


async def test_the_charts_answer(past: Past) -> None:
    """One page for all of it: the library of the charts takes a browser a while to read."""
    page = await past.open("history", color_scheme="light")
    await drawn(page, "course", "week")
    await looks_at_another_span(page)
    await looks_closer(page)
    await page.get_by_label("Shown").select_option("calm")
    await expect(page.locator("#week-note")).to_contain_text("Most was read on")
    tick = page.locator("#course .xtick text").first
    light = await tick.evaluate("one => getComputedStyle(one).fill")
    await page.emulate_media(color_scheme="dark")
    await expect(tick).not_to_have_css("fill", light)


DAYS = [("2026-11-22", 10, 0.1), ("2026-11-23", 30, 0.2), ("2026-11-29", 10, 0.6)]
BY_WEEK = """async ([days, moods]) => {
    const { byWeek } = await import("/static/history/by_week.js");
    const day = ([start, count, share]) => [["start", start + "T00:00:00"], ["count", count],
        ...moods.map((mood) => [mood, share])];
    return byWeek(days.map((one) => Object.fromEntries(day(one))))
        .map(({ start, count, joy }) => [start.slice(0, 10), count, joy]);
}"""
TICKS = "[...document.querySelectorAll('#course .ytick text')].map((one) => one.textContent)"


async def test_a_long_past_is_told_by_the_week(empty: Past) -> None:
    now = datetime.now(UTC)
    for ago in range(20):
        await visit(empty.store, f"visit-{ago}", now - timedelta(days=13 * (20 - ago)))
    await empty.store.flush()
    page = await empty.open("history", locale="de-DE", timezone_id="Europe/Berlin")
    await page.get_by_role("button", name="Jahr", exact=True).click()
    await expect(page.locator("#course-note")).to_contain_text("gemittelt je Woche")
    await drawn(page, "course")
    await page.get_by_role("button", name="Tage", exact=True).click()
    await expect(page.locator("#course-note")).to_contain_text("gemittelt je Tag")
    assert {one[-2:] for one in await page.evaluate(TICKS)} == {"\N{NO-BREAK SPACE}%"}
    weeks = await page.evaluate(BY_WEEK, [DAYS, ["joy", "calm", "energy", "melancholy"]])
    assert weeks == [["2026-11-22", 10, 0.1], ["2026-11-23", 40, pytest.approx(0.3)]]


async def test_where_one_resolution_is_possible_none_is_asked_for(empty: Past) -> None:
    await visit(empty.store, "the first", datetime.now(UTC) - timedelta(minutes=12))
    await empty.store.flush()
    page = await empty.open("history")
    await expect(page.locator("#course-note")).to_contain_text("averaged by the minute")
    await expect(page.locator("#fineness")).to_be_hidden()


async def looks_at_another_span(page: Page) -> None:
    note, day = page.locator("#course-note"), page.get_by_role("button", name="Day", exact=True)
    await day.click()
    await expect(note).to_contain_text("averaged by the minute")
    await expect(page.locator("#shares-note")).to_have_text(re.compile(r"Of \d\d readings"))
    assert await page.evaluate("localStorage.getItem('history.span')") == "day"
    await page.get_by_role("button", name="Week", exact=True).click()
    await expect(note).to_contain_text("averaged by the hour")
    await page.get_by_role("button", name="Days", exact=True).click()
    await expect(note).to_contain_text("averaged by the day")
    await page.get_by_role("button", name="Hours", exact=True).click()
    await expect(note).to_contain_text("averaged by the hour")


async def looks_closer(page: Page) -> None:
    note, whole = page.locator("#course-note"), page.get_by_role("button", name="The whole span")
    await expect(page.locator("#course .nsewdrag").first).to_be_visible()
    await page.locator("#course").scroll_into_view_if_needed()
    box = await page.locator("#course .nsewdrag").first.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + 0.80 * box["width"], middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.90 * box["width"], middle, steps=5)
    await page.mouse.up()
    await expect(note).to_contain_text("averaged by the minute")
    await whole.click()
    await expect(note).to_contain_text("averaged by the hour")
    await expect(whole).to_be_hidden()


async def test_visits_are_turned_by_pages_and_lead_to_their_own(past: Past) -> None:
    page = await past.open("history", viewport={"width": 390, "height": 844})
    await expect(page.locator("#sessions-note")).to_have_text("40 visits, the newest first.")
    newest = page.locator("#sessions a").first
    await expect(newest).to_have_attribute("href", f"/history/{past.visits[0]}")
    await expect(page.get_by_role("button", name="Newer")).to_be_disabled()
    await page.get_by_role("button", name="Older").click()
    await expect(newest).to_have_attribute("href", f"/history/{past.visits[10]}")
    await page.get_by_role("button", name="Newer").click()
    await expect(newest).to_have_attribute("href", f"/history/{past.visits[0]}")
    await newest.click()
    await expect(page.locator("#lead")).to_have_text(re.compile(r"12 mins until .+, 36 readings\."))


async def test_a_visit_in_figures(past: Past) -> None:
    page = await past.open(f"history/{past.visits[0]}")
    await drawn(page, "course")
    await expect(page.locator("#moods tr")).to_have_count(4)
    await expect(page.locator("#legend li")).to_have_count(4)
    await expect(page.locator("#turns tbody tr").first).to_be_visible()
    await expect(page.locator("#turns-note")).to_have_text(
        re.compile("Most often .+ became .+|never changed")
    )
    await expect(page.locator("#calm")).to_have_text(re.compile("calm stretch"))
    seconds = await page.evaluate("[...document.querySelectorAll('#ribbon i')].length")
    assert seconds > 1
    await page.get_by_role("link", name="All visits").click()
    await expect(page.locator("h1")).to_have_text("History")


async def test_a_visit_that_is_not_there_is_said(past: Past) -> None:
    page = await past.open("history/never%20was")
    await expect(page.locator("#trouble")).to_contain_text("no such visit")
    past.complaints = [one for one in past.complaints if "status of 404" not in one]


async def test_nothing_recorded_yet(empty: Past) -> None:
    page = await empty.open("history")
    await expect(page.get_by_text("Nothing is recorded yet.")).to_be_visible()
    await expect(page.locator("#all")).to_be_hidden()
    assert (
        await page.evaluate(
            "performance.getEntriesByName(location.origin + '/charts/plotly.js').length"
        )
        == 0
    )


async def test_the_now_page_does_not_load_the_charts(look: Look) -> None:
    page = await look.open()
    names: list[str] = await page.evaluate(
        "performance.getEntriesByType('resource').map(one => one.name)"
    )
    assert not [name for name in names if "plotly" in name]
