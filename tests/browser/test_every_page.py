"""What holds for every page: axe, narrow screens, thumbs, the frame, the languages.

A new page joins with one line in `PAGES`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from mirrord.config import parse, store_path
from mirrord.daemon import started
from mirrord.store import Store
from tests.browser.conftest import Look
from tests.browser.records import fill
from tests.conftest import processes, settled

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Address, and what there is once the page shows all that it has.
PAGES = {
    "": "#word:not(:empty)",
    "history": "#week .main-svg",
    "history/visit-12": "#course .main-svg",
    "privacy": "#kept dd",
    "room": "#foreseen dd",
    "settings": "main h1",
    "account": "main h1",
    "welcome": "body[data-ready] h1",
    "login": "main h1",
    "notice": "body[data-ready] h1",
    "mirror": "#glass[aria-label]",
    "nowhere": "main h1",
}
FRAMED = [path for path in PAGES if path not in ("welcome", "login", "notice", "mirror", "nowhere")]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
AXE = Path(__file__).parents[2] / ".peers" / "node_modules" / "axe-core" / "axe.min.js"
WIDER = "[document.documentElement, document.body].map(one => one.scrollWidth - innerWidth)"
SMALL_TARGETS = """
[...document.querySelectorAll('a, button, select, [role=slider], input')]
  .filter(one => one.checkVisibility() && !one.closest('.skip, .hidden, .chart, label'))
  .filter(one => getComputedStyle(one).display !== 'inline')
  .map(one => [one.id || one.textContent.trim() || one.ariaLabel, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 40 || box.height < 40))
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)
"""

# Words that lie upon other words, as far as both are to be read.
OVERLAPS = """() => {
  const beside = "svg, canvas, select, noscript, .hidden, .skip, .chart, .progress";
  const is_fixed = (one) => getComputedStyle(one).position === "fixed";
  const hangs = (one) => one && (is_fixed(one) || hangs(one.parentElement));
  const read = (host) => !host.closest(beside) && !hangs(host)
    && host.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim() || !read(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) boxes.push([node, box]);
  }
  const shared = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]);
  // The box of a word in display type is higher than its letters.
  const alike = (a, b) => Math.max(a.height, b.height) < 2 * Math.min(a.height, b.height);
  const upon = ([one, a], [other, b]) => one !== other && alike(a, b)
    && shared(a, b, "left", "right") > 2
    && shared(a, b, "top", "bottom") > 0.4 * Math.min(a.height, b.height);
  return boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => upon(one, other))
    .map((other) => `${one[0].data.trim()} / ${other[0].data.trim()}`));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Look]:
    """The whole mirror, without a camera, with some weeks behind it."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "empty").mkdir()
    settings = {
        "camera": {"source": str(folder / "empty")},
        "store": {"path": str(folder / "mirror.sqlite3")},
        "web": {"port": 0, "password": "optional"},
    }
    config = parse(settings, "the test's settings")
    async with Store.open(store_path(config)) as store:
        await fill(store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATE_DIRECTORY", str(folder))
        async with started(config) as (mirror, address), AsyncExitStack() as stack:
            await mirror.control({"camera": False})
            await _until(lambda: mirror.state()["camera"]["state"] == "off")
            await asyncio.to_thread(settled, processes, set())
            yield Look(browser, None, address, stack)  # a real one


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.05)


async def shown(house: Look, path: str, **context: object) -> Page:
    house.complaints.clear()
    page = await house.open(path, **context)
    await expect(page.locator(PAGES[path]).first).to_be_attached(timeout=40_000)
    return page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("scheme", "viewport"), [("light", DESKTOP), ("dark", PHONE)])
async def test_axe_finds_nothing(
    house: Look, path: str, scheme: str, viewport: dict[str, int]
) -> None:
    page = await shown(house, path, color_scheme=scheme, viewport=viewport)
    # axe itself may do what the page's policy forbids: only what was said before counts.
    assert [one for one in house.complaints if "status of 404" not in one] == []
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    said = [
        f"{one['impact']} {one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in found["violations"]
    ]
    assert said == []
    assert len(found["passes"]) > 5
    assert await page.evaluate(SMALL_TARGETS) == []
    for width in (320, 390) if viewport is PHONE else (1024,):
        await page.set_viewport_size({"width": width, "height": 800})
        assert max(await page.evaluate(WIDER)) <= 0, width
        assert await page.evaluate(OVERLAPS) == [], width
    await page.context.close()


@pytest.mark.parametrize("path", FRAMED)
async def test_the_keyboard_reaches_the_frame_and_the_language_is_kept(
    house: Look, path: str
) -> None:
    page = await shown(house, path, viewport=PHONE)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    reached: list[str] = []
    while "camera" not in reached and len(reached) < 12:
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate("document.activeElement.id || document.activeElement.pathname")
        )
    assert [one for one in reached if one in ("/", "/history", "/privacy", "camera")][
        -1
    ] == "camera"
    current = page.locator("nav [aria-current=page]")
    assert await current.count() == (0 if path == "account" else 1)
    await page.get_by_label("Language", exact=True).select_option("de")
    await expect(page.get_by_role("button", name="Kamera aus")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await page.context.close()


async def test_a_moment_of_the_past_is_explained(house: Look) -> None:
    page = await shown(house, "history/visit-12")
    links = page.locator("#chain > li h3")
    await expect(links.first).to_have_text("Expression")
    assert await links.count() >= 2
    before = await page.locator("#moment-said").inner_text()
    await page.locator("#moment").focus()
    await page.keyboard.press("Home")
    assert await page.locator("#moment-said").inner_text() != before
    await expect(page.locator("#chain > li h3").first).to_be_visible()
    await page.context.close()
