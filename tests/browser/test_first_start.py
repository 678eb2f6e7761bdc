"""The first start in a real browser: every step by the keyboard, left and taken up again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from mirrord.accounts import Accounts
from mirrord.config import parse
from mirrord.daemon import Daemon, started
from mirrord.web import make_app, serve
from mirrord.web.access import access_part
from mirrord.web.address import Facts, address_part
from tests.browser.test_every_page import AXE, DESKTOP, PHONE, SMALL_TARGETS, WIDER
from tests.fakes.mirror import FakeMirror

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "plum garden evening"
NAME = "http://hall-mirror.local:8080/"
FACTS = Facts("Hall mirror", NAME, ("http://192.168.1.20:8080/",), 30.0, False, False)


@dataclass
class First:
    """A mirror that nobody has set up, with a camera that is not there, and browsers before it."""

    browser: Browser
    daemon: Daemon
    address: str
    stack: AsyncExitStack
    complaints: list[str] = field(default_factory=list)

    async def context(self, **options: Any) -> BrowserContext:
        context = await self.browser.new_context(**{"locale": "en-GB", **options})
        self.stack.push_async_callback(context.close)
        return context

    async def page(self, context: BrowserContext, path: str = "") -> Page:
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        await page.goto(self.address + path)
        await page.wait_for_selector("body[data-ready]")
        return page

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and "with a status of 4" not in message.text:
            self.complaints.append(message.text)


@asynccontextmanager
async def begun(browser: Browser, folder: Path, password: str) -> AsyncIterator[First]:
    """A mirror at its first start, with settings in a file."""
    file = folder / "my mirror.toml"
    file.touch()
    settings = {
        "camera": {"source": 250},
        "store": {"path": str(folder / "mirror.sqlite3")},
        "web": {"port": 0, "password": password},
        "drivers": {"audio": {"device": "null", "enabled": False}},
    }
    async with started(parse(settings, str(file))) as (daemon, url), AsyncExitStack() as stack:
        first = First(browser, daemon, url, stack)
        yield first
        assert first.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def first(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[First]:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    async with begun(browser, tmp_path, "required") as first:
        yield first


async def at(page: Page, step: str) -> None:
    """Wait for a step."""
    await page.wait_for_selector(f"body[data-at={step}][data-ready]")


async def judged(first: First, page: Page, step: str) -> None:
    """Wait for a step, and look at it with the eyes of axe and with thumbs."""
    await at(page, step)
    assert first.complaints == []
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    said = [
        f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found["violations"]
    ]
    assert (step, said) == (step, [])
    assert await page.evaluate(SMALL_TARGETS) == []
    assert max(await page.evaluate(WIDER)) <= 0
    first.complaints.clear()  # axe itself does what the page's policy forbids


async def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


async def press(page: Page, wanted: str, key: str = "Enter") -> None:
    await tab_to(page, wanted)
    await page.keyboard.press(key)


async def _devices(first: First, page: Page) -> None:
    """Go on from the camera, and switch the sound on."""
    await judged(first, page, "camera")
    await press(page, "#next")
    await judged(first, page, "devices")
    sound = page.locator("#drivers .flip").first
    await expect(sound).to_have_attribute("aria-checked", "false")
    await press(page, "#drivers .flip", "Space")
    await expect(sound).to_have_attribute("aria-checked", "true")
    await expect(page.locator("#drivers .status[data-state=ready]")).to_be_visible()


@pytest.mark.parametrize(
    ("viewport", "scheme", "locale"), [(DESKTOP, "light", "en-GB"), (PHONE, "dark", "de-DE")]
)
async def test_the_whole_first_start_by_keyboard_with_the_browser_closed_in_between(
    first: First, viewport: Any, scheme: Any, locale: str
) -> None:
    context = await first.context(viewport=viewport, color_scheme=scheme, locale=locale)
    page = await first.page(context)
    assert page.url == f"{first.address}welcome"
    await judged(first, page, "consent")
    # At work it is refused, with the reason, and there is nothing to agree to.
    await tab_to(page, "input[value=home]")
    for _ in range(2):
        await page.keyboard.press("ArrowDown")
    await expect(page.locator("#refusal")).to_contain_text("2024/1689")
    await expect(page.locator("#agree")).to_be_hidden()
    for _ in range(2):
        await page.keyboard.press("ArrowUp")
    await expect(page.locator("#refusal")).to_be_hidden()
    await press(page, "[name=everybody_agrees]", "Space")
    await press(page, "#agree")
    await expect(page.locator("[name=visitors_are_told]")).to_be_focused()
    await page.keyboard.press("Space")
    await press(page, "#agree")
    await page.wait_for_selector("body[data-at=password]")

    await page.close()
    page = await first.page(context)
    await judged(first, page, "password")
    assert first.daemon.consent.state == "needed"  # nobody has shown yet whose mirror it is
    await tab_to(page, "#code")
    await page.keyboard.type(first.daemon.code)
    for wanted in ("#password", "#again"):
        await tab_to(page, wanted)
        await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await at(page, "camera")
    assert first.daemon.consent.state == "given"
    assert first.daemon.consent.entries[-1].room == "home"
    await expect(page.locator("#aid svg")).to_be_visible()

    await page.close()
    page = await first.page(context)
    assert page.url == f"{first.address}welcome"
    await _devices(first, page)

    await page.reload()
    await at(page, "devices")
    await press(page, "#next")
    await judged(first, page, "look")
    await expect(page.locator("#room-says")).not_to_be_empty()
    await press(page, "#next")
    await page.wait_for_url(first.address)
    await page.reload()
    assert page.url == first.address  # it is over
    await expect(page.locator("#bands")).to_be_empty()


async def test_the_code_of_the_console_is_typed_by_the_address_and_leaves_it(first: First) -> None:
    page = await first.page(await first.context(), f"welcome#code={first.daemon.code}")
    assert page.url == f"{first.address}welcome"
    await page.locator("#not-now").click()
    await expect(page.locator("#code")).to_have_value(first.daemon.code)


async def test_whoever_agreed_before_there_was_a_password_goes_on_after_it(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    async with begun(browser, tmp_path, "optional") as here:  # as in the demo
        page = await here.page(await here.context(), "welcome")
        await page.locator("input[value=home]").check()
        await page.locator("[name=everybody_agrees]").check()
        await page.locator("[name=visitors_are_told]").check()
        await page.locator("#agree").click()
        await page.wait_for_selector("body[data-at=password]")
        assert here.daemon.consent.state == "given"
        await page.fill("#code", here.daemon.code)
        await page.fill("#password", PASSWORD)
        await page.fill("#again", PASSWORD)
        await page.keyboard.press("Enter")
        await at(page, "camera")
        # Whoever forgets it is told what to type, with the settings of this mirror.
        page = await here.page(await here.context(), "login")
        await page.get_by_text("Forgotten the password?").click()
        file = f"'{tmp_path}/my mirror.toml'"
        for command in ("user password NAME", "user list"):
            line = page.get_by_text(re.compile(f"mirrord {command} -c {re.escape(file)}$"))
            await expect(line).to_be_visible()


async def test_without_consent_everything_goes_on_but_the_camera(first: First) -> None:
    context = await first.context(viewport=PHONE)
    page = await first.page(context)
    await page.locator("#not-now").click()
    await page.fill("#code", first.daemon.code)
    await page.fill("#password", PASSWORD)
    await page.fill("#again", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("body[data-at=camera]")
    await expect(page.locator("#camera-waits")).to_be_visible()
    await page.locator("#leave").click()
    await page.wait_for_url(first.address)
    band = page.locator("#bands")
    await expect(band).to_contain_text("stays off until somebody agrees")
    await page.locator("#camera").click()  # nobody can switch it on: it leads to the rules
    await page.wait_for_url(f"{first.address}welcome")
    assert first.daemon.sight.pid is None
    await page.locator("input[value=shared]").check()
    await page.locator("[name=everybody_agrees]").check()
    await page.locator("[name=visitors_are_told]").check()
    await page.locator("#agree").click()
    await page.wait_for_selector("body[data-at=camera]")
    assert first.daemon.consent.entries[-1].room == "shared"
    page = await first.page(context, "privacy")
    await expect(page.locator("#consent-is")).to_contain_text("a room whose people agree")
    await page.get_by_role("button", name="Take it back").click()
    await expect(page.locator("#consent-is")).to_contain_text("withdrawn")
    assert not first.daemon.engine.controls.camera
    async with asyncio.timeout(15):
        while first.daemon.sight.pid is not None:
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture(loop_scope="session")
async def wall(browser: Browser, tmp_path: Path) -> AsyncIterator[tuple[First, Accounts]]:
    """The page of a mirror that others can reach, as far as it says."""
    async with Accounts.open(tmp_path / "accounts.sqlite3") as accounts, AsyncExitStack() as stack:
        parts = access_part(accounts, optional=False), address_part(lambda: FACTS)
        url = await stack.enter_async_context(serve(make_app(FakeMirror(), *parts), "127.0.0.1", 0))
        first = First(browser, None, url, stack)
        yield first, accounts
        assert first.complaints == []


async def read_code(page: Page) -> str:
    """Return what a phone's camera would read."""
    picture = await page.locator("#code").screenshot()
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    return str(cv2.QRCodeDetector().detectAndDecode(image)[0])


async def test_the_wall_leads_to_the_first_start_and_never_shows_the_code(
    wall: tuple[First, Accounts],
) -> None:
    first, accounts = wall
    secret = await accounts.begin_code()
    page = await first.page(await first.context(viewport=DESKTOP), "mirror")
    await expect(page.locator("#name")).to_have_text("Hall mirror")
    await expect(page.locator("#code")).to_be_visible()
    await page.wait_for_function("document.getElementById('code').naturalWidth > 0")
    assert await read_code(page) == f"{NAME}welcome"
    shown = await page.content()
    assert secret not in shown
    assert "hall-mirror.local:8080" in shown
    where = "getComputedStyle(document.getElementById('card')).getPropertyValue('--x')"
    before = await page.evaluate(where)
    await page.clock.install()
    await page.reload()
    await page.clock.fast_forward(13_000)
    assert await page.evaluate(where) != before  # nothing burns in


@pytest.mark.parametrize(("locale", "title"), [("en-GB", "looks back"), ("de-DE", "schaut zurück")])
async def test_the_notice_is_one_sheet(
    wall: tuple[First, Accounts], locale: str, title: str
) -> None:
    first, _ = wall
    page = await first.page(await first.context(viewport=PHONE, locale=locale), "notice")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    await expect(page.locator("#who")).to_have_text("Hall mirror")
    await expect(page.locator("#keeps")).to_contain_text("30")
    await expect(page.locator("footer")).to_contain_text("50")
    await page.wait_for_function("document.getElementById('code').naturalWidth > 0")
    assert max(await page.evaluate(WIDER)) <= 0
    assert await page.evaluate(SMALL_TARGETS) == []
    assert await read_code(page) == NAME
    for paper in ("A4", "Letter"):
        sheet = await page.pdf(format=paper, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1, paper
    assert first.complaints == []


async def test_the_address_is_shown_on_the_glass_for_a_minute(browser: Browser) -> None:
    async with AsyncExitStack() as stack:
        app = make_app(FakeMirror(), address_part(lambda: FACTS))
        url = await stack.enter_async_context(serve(app, "127.0.0.1", 0))
        first = First(browser, None, url, stack)
        context = await first.context(viewport=DESKTOP)
        page = await context.new_page()
        await page.clock.install()
        await page.goto(f"{url}mirror")
        await page.wait_for_selector("#glass[aria-label]")
        await page.mouse.move(40, 40)
        button = page.locator("#where")
        await expect(button).to_be_visible()
        await button.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#address")).to_contain_text("hall-mirror.local:8080")
        await expect(button).to_have_attribute("aria-expanded", "true")
        await page.clock.fast_forward(61_000)
        await expect(page.locator("#card")).to_be_hidden()
