"""What the mirror says of what it keeps, and that it lets go of it."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from mirrord.store.ledger import SendingBegins, SendingEnded
from tests.browser.conftest import Past

pytestmark = pytest.mark.asyncio(loop_scope="session")


def camera(past: Past, changes: int) -> None:
    begin = datetime.now(UTC) - timedelta(hours=changes)
    for hour in range(changes):
        past.store.log_camera("open" if hour % 2 else "off", begin + timedelta(hours=hour))


async def test_what_is_kept_is_said(past: Past) -> None:
    page = await past.open("privacy")
    kept = page.locator("#kept")
    await expect(kept).to_contain_text("1,440")
    await expect(kept).to_contain_text("40")
    await expect(page.locator("#until")).to_contain_text(
        "For 365 days, or until the file reaches 500"
    )
    await expect(page.locator("#leaves")).to_have_text("Nothing leaves the house.")
    await past.mirror.change(hub={"state": "ready", "where": "broker.lan:1883", "error": ""})
    await expect(page.locator("#leaves")).to_contain_text("broker.lan:1883 is told the mood")
    await past.mirror.change(updates={"state": "unknown", "place": "mood.example:443"})
    await expect(page.locator("#leaves")).to_contain_text("a day mood.example:443 is asked")
    await expect(page.locator("#leaves")).to_contain_text("Nothing else goes anywhere.")
    noted = SendingBegins(0, "mood.example:443", "update", 4096)
    await past.store.put(noted)
    await past.store.put(SendingEnded(noted.number, 181, "200"))
    await page.reload()
    await expect(page.locator("#ledger li")).to_contain_text("Asked for the newest version")
    await expect(page.locator("#ledger .outcome")).to_have_text("answered")


async def test_when_the_camera_was_on(past: Past) -> None:
    camera(past, 30)
    await past.store.flush()
    page = await past.open("privacy")
    lines = page.locator("#log li")
    await expect(lines).to_have_count(12)
    await expect(lines.first).to_contain_text(re.compile("Open.*since"))
    await expect(lines.nth(1)).to_contain_text(re.compile("Off.* to .*1 hr"))
    await page.get_by_role("button", name="Older").click()
    await page.get_by_role("button", name="Older").click()
    await expect(lines).to_have_count(6)
    await expect(page.get_by_role("button", name="Older")).to_be_disabled()
    await page.get_by_role("button", name="Newer").click()
    await expect(lines).to_have_count(12)
    await expect(page.locator("#camera-now")).to_have_text("It is on now.")
    await page.get_by_role("button", name="Camera off").click()
    await expect(page.locator("#camera-now")).to_contain_text("It is off now.")


async def test_the_records_come_along(past: Past) -> None:
    page = await past.open("privacy")
    await page.get_by_label("Format").select_option("csv")
    await page.get_by_label("Span").select_option("week")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").click()
    saved = await (await download.value).path()
    rows = list(csv.DictReader(io.StringIO(saved.read_text(encoding="utf-8"))))
    assert 13 * 36 <= len(rows) <= 15 * 36
    assert set(rows[0]) >= {"joy", "calm", "energy", "melancholy"}


async def test_nothing_goes_without_a_yes(past: Past) -> None:
    page = await past.open("privacy")
    await page.get_by_label("Delete", exact=True).select_option("all")
    await page.get_by_role("button", name="Show what would go").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1,440 readings, 40 whole visits go")
    await expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert len(await past.store.sessions()) == 40


async def test_what_is_forgotten_is_gone(past: Past) -> None:
    page = await past.open("privacy", viewport={"width": 390, "height": 844})
    await page.get_by_label("Delete", exact=True).select_option("all")
    await page.get_by_role("button", name="Show what would go").press("Enter")
    await page.get_by_role("button", name="Delete for good").press("Enter")
    await expect(page.locator("#done")).to_have_text("Deleted for good: 1,440 readings.")
    await expect(page.locator("#kept dd").first).to_have_text("0")
    assert await past.store.sessions() == []
    assert await past.store.readings() == []


async def test_a_span_can_be_forgotten(past: Past) -> None:
    page = await past.open("privacy")
    await page.get_by_label("Delete", exact=True).select_option("between")
    await page.get_by_role("button", name="Show what would go").click()
    await expect(page.locator("#done")).to_have_text("Say from when or until when.")
    until = datetime.now() - timedelta(days=10)
    await page.get_by_label("Until").fill(until.strftime("%Y-%m-%dT%H:%M"))
    await page.get_by_role("button", name="Show what would go").click()
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.locator("#done")).to_contain_text("Deleted for good")
    left = await past.store.sessions()
    assert 0 < len(left) < 40
