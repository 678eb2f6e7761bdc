"""Linking on the Privacy page: what is sent is read first, and nothing is hidden afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect

from mirrord.sync_wire import Item, Result, SessionEnd
from tests.browser.conftest import Past
from tests.fakes.collective import FakeCollective, serving
from tests.store_kit import reading, response

pytestmark = pytest.mark.asyncio(loop_scope="session")
TALL = {"width": 1280, "height": 1000}


@asynccontextmanager
async def sending(past: Past) -> AsyncIterator[FakeCollective]:
    """A collective, and the mirror's sender at work."""
    async with serving(FakeCollective()) as fake:
        task = asyncio.create_task(past.syncing.sender.run())
        yield fake
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def asked(page: Page, fake: FakeCollective) -> None:
    await page.get_by_label("Its address").fill(fake.url)
    await page.get_by_label("I have read what will be sent").check()
    await page.get_by_role("button", name="Link", exact=True).click()
    await expect(page.locator("#code")).to_have_text("MIRA-4711")


async def visit(past: Past, name: str) -> None:
    past.store.start_session(name, datetime.now(UTC))
    past.store.add_reading(name, reading(datetime.now(UTC)), response())
    past.store.end_session(name, datetime.now(UTC))
    await past.store.flush()
    past.syncing.sender.wake()


async def test_what_will_be_sent_is_read_before_the_first_byte(past: Past) -> None:
    async with sending(past) as fake:
        page = await past.open("privacy", viewport=TALL)
        await expect(page.locator("#link-now")).to_contain_text("Off. Nothing is sent")
        await expect(page.locator("#offer")).to_contain_text("For each minute of a visit")
        link = page.get_by_role("button", name="Link", exact=True)
        await page.get_by_label("Its address").fill(fake.url)
        await expect(link).to_be_disabled()
        await expect(page.locator("#plain")).to_contain_text("others on the same network")
        assert fake.requests == []
        await asked(page, fake)
        await expect(page.locator("#code-page")).to_have_attribute("href", f"{fake.url}/mirrors")
        await page.get_by_role("button", name="Do not link").click()
        await expect(page.locator("#offer")).to_be_visible()


async def test_a_link_its_ledger_and_its_end(past: Past) -> None:
    def no_ends(item: Item) -> Result | None:
        return (
            Result("refused", "limit", "Too many visits.") if isinstance(item, SessionEnd) else None
        )

    async with sending(past) as fake:
        page = await past.open("privacy", viewport=TALL)
        await asked(page, fake)
        fake.confirm()
        await expect(page.locator("#link-now")).to_contain_text("in the account of ann")
        await expect(page.locator("#leaves")).to_contain_text(fake.url.removeprefix("http://"))
        fake.refuse = no_ends
        await visit(past, "evening")
        await expect(page.locator("#aside")).to_contain_text("Too many visits.", timeout=30_000)
        assert len(fake.tallies) == 1
        fake.refuse = lambda item: None
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator("#aside-box")).to_be_hidden(timeout=30_000)
        async with asyncio.timeout(30):
            while len(fake.sessions) < 1:
                await asyncio.sleep(0.05)
        await expect(page.locator("#ledger li").first).to_contain_text("Minutes and visits")
        await expect(page.locator("#ledger-all")).to_contain_text("headers and encryption included")
        await page.get_by_role("button", name="End the link").click()
        await page.get_by_role("button", name="End it and delete there").click()
        await expect(page.locator("#offer")).to_be_visible(timeout=30_000)
        await expect(page.locator("#link-note")).to_contain_text("erased 1 sessions")
        assert not fake.tallies


async def test_a_wrong_address_is_refused_with_its_reason(past: Past) -> None:
    page = await past.open("privacy", viewport={"width": 390, "height": 844}, locale="de-DE")
    past.complaints.clear()
    await page.get_by_label("Seine Adresse").fill("http://mood.example.org")
    await page.get_by_label("Ich habe gelesen").check()
    await page.get_by_role("button", name="Verbinden", exact=True).click()
    await expect(page.locator("#link-trouble")).to_contain_text("Nimm https")
    await expect(page.locator("#link-trouble")).to_be_in_viewport(ratio=1)
    async with sending(past) as fake:
        await page.get_by_label("Seine Adresse").fill(fake.url.removeprefix("http://"))
        await page.get_by_role("button", name="Verbinden", exact=True).click()
        await expect(page.locator("#link-trouble")).to_contain_text("mit http:// beginnen")
        await page.get_by_label("Seine Adresse").fill(fake.url)
        await page.get_by_role("button", name="Verbinden", exact=True).click()
        await expect(page.locator("#code")).to_be_in_viewport(ratio=1)
    past.complaints[:] = [one for one in past.complaints if "status of" not in one]
