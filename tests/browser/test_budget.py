"""How soon, and with how little, the Now page shows the state to a browser that is new to it."""

from __future__ import annotations

import statistics

import pytest

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKS = 5
STATE_MS = 1000.0
MOST_TIMES = 6  # a bare page: on a machine that has no second to spare
KILOBYTES = 200  # without the typefaces, which are shown late rather than waited for
WATCH = """
document.addEventListener('DOMContentLoaded', () => {
  new MutationObserver(() => {
    if (document.getElementById('word')?.textContent) window.shown ??= performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
});
"""
SENT = """
performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
  .filter(one => !one.name.includes('/fonts/')).reduce((sum, one) => sum + one.transferSize, 0)
"""
# Of a page that is nothing but a document and its style: what this machine and browser take anyway.
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


async def cold_look(look: Look) -> tuple[float, float]:
    """Return the milliseconds until the state shows, and the bytes that came, in a new browser."""
    context = await look.browser.new_context(locale="en-GB")
    try:
        page = await context.new_page()
        await page.add_init_script(WATCH)
        await page.goto(look.address)
        await page.wait_for_selector("#word:not(:empty)")
        return await page.evaluate("window.shown"), await page.evaluate(SENT)
    finally:
        await context.close()


async def bare_look(look: Look) -> float:
    """Return the milliseconds that a document and its style take, in a new browser."""
    context = await look.browser.new_context(locale="en-GB", java_script_enabled=False)
    try:
        page = await context.new_page()
        await page.goto(look.address + "static/missing.html")
        loaded: float = await page.evaluate(LOADED)
        return loaded
    finally:
        await context.close()


@pytest.mark.alone
async def test_the_state_shows_within_a_second_with_a_cold_cache(look: Look) -> None:
    await cold_look(look)  # the server's first look at its files is not the browser's
    pairs = [((await cold_look(look))[0], await bare_look(look)) for _ in range(LOOKS)]
    shown, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert shown < max(STATE_MS, MOST_TIMES * bare)


async def test_the_now_page_is_small(look: Look) -> None:
    _, sent = await cold_look(look)
    assert 0 < sent < KILOBYTES * 1000
