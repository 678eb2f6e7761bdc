"""The first password, signing in and the account, in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.access_kit import ANN, BEN, Door, opened_door

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = Path(__file__).parents[2] / ".peers" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@dataclass
class House:
    """A mirror's door and a browser before it."""

    door: Door
    browser: Browser
    stack: AsyncExitStack
    complaints: list[str]

    async def open(self, path: str, **context: Any) -> Page:
        context = {"locale": "en-GB", "viewport": DESKTOP, **context}
        opened = await self.browser.new_context(**context)
        self.stack.push_async_callback(opened.close)
        page = await opened.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        await page.goto(self.door.address + path)
        return page

    def _heard(self, message: Any) -> None:
        refused = "the server responded with a status of 4"  # what is typed wrongly on purpose
        if message.type in ("error", "warning") and refused not in message.text:
            self.complaints.append(message.text)

    async def until_owner(self) -> None:
        async with asyncio.timeout(10):
            while not await self.door.accounts.has_owner():
                await asyncio.sleep(0.02)

    async def signed_in(self, who: tuple[str, str], path: str = "", **context: Any) -> Page:
        page = await self.open(path, **context)
        await sign_in(page, who)
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def house(browser: Browser, tmp_path: Path) -> AsyncIterator[House]:
    async with opened_door(tmp_path) as door, AsyncExitStack() as stack:
        house = House(door, browser, stack, [])
        yield house
        assert house.complaints == []


async def sign_in(page: Page, who: tuple[str, str]) -> None:
    await page.locator("#login-name").fill(who[0])
    await page.locator("#login-password").fill(who[1])
    await page.get_by_role("button", name="Sign in").click()


async def settled(page: Page, path: str) -> None:
    await page.wait_for_url(f"**{path}")
    await page.wait_for_selector("body[data-ready]")


async def test_a_wrong_code_is_said_where_it_stands(house: House):
    code = await house.door.accounts.begin_code()
    page = await house.open("")
    await settled(page, "/welcome")
    await page.get_by_role("button", name="Not now").click()
    keyboard = page.keyboard
    await page.get_by_label("One-time code").focus()
    await keyboard.type("2222-2222")
    await keyboard.press("Tab")
    await expect(page.locator("#name")).to_have_value("owner")
    for _ in range(2):
        await keyboard.press("Tab")
        await keyboard.type(ANN[1])
    await keyboard.press("Enter")
    await expect(page.locator("#welcome-form").get_by_role("alert")).to_contain_text("not the code")
    await expect(page.get_by_label("One-time code")).to_be_focused()
    await keyboard.press("Control+A")
    await keyboard.type(code)
    await keyboard.press("Enter")
    await expect(page.locator("#has-password, #camera-step h1").first).to_be_attached()
    await house.until_owner()


async def test_signing_in_leads_to_where_one_was_going(house: House):
    await house.door.owner()
    page = await house.open("account?x=1")
    await settled(page, "/login?next=%2Faccount%3Fx%3D1")
    await sign_in(page, ("ann", "not hers"))
    await expect(page.locator("#login").get_by_role("alert")).to_have_text(
        "The name or the password is wrong."
    )
    await sign_in(page, ANN)
    await settled(page, "/account?x=1")
    again = await page.context.new_page()
    await again.goto(f"{house.door.address}login")
    await again.wait_for_url(house.door.address)


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test", "javascript:alert(1)"])
async def test_signing_in_leads_nowhere_else(house: House, elsewhere: str):
    await house.door.owner()
    page = await house.signed_in(ANN, f"login?next={elsewhere}")
    await page.wait_for_selector("body[data-may]")
    assert page.url == house.door.address


async def test_the_camera_goes_off_before_anybody_signs_in(house: House):
    for path in ("welcome", "login"):
        page = await house.open(path)
        await page.get_by_role("button", name="Camera off").click()
        await expect(page.locator("#off-said")).to_contain_text("The camera is off.")
        assert house.door.mirror.asked.pop() == {"camera": False}
        assert house.door.mirror.asked == []
        await house.door.owner()


async def test_a_guest_is_offered_what_a_guest_may(house: House):
    await house.door.owner()
    await house.door.guest()
    page = await house.signed_in(BEN)
    await page.wait_for_selector("body[data-may]")
    await expect(page.get_by_role("button", name="Camera off")).to_be_visible()
    for gone in ("Mute", "Pause room"):
        await expect(page.get_by_role("button", name=gone)).to_have_count(0)
    for slider in await page.locator("#moods input").all():
        await expect(slider).to_be_disabled()
    await page.goto(f"{house.door.address}account")
    await page.wait_for_selector("body[data-known]")
    await expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    await expect(page.get_by_role("heading", name="People")).to_have_count(0)


async def test_an_owner_lets_somebody_in_and_out(house: House):
    await house.door.owner()
    page = await house.signed_in(ANN, "account")
    await page.get_by_text("Let somebody in").click()
    people = page.locator("#people-part")
    await people.get_by_label("Name").fill("ben")
    await people.get_by_label("Password for").fill(BEN[1])
    await people.get_by_label("The same again").fill(BEN[1])
    await people.get_by_role("button", name="Add").click()
    await expect(people.get_by_role("status")).to_have_text("ben may sign in now.")
    page.on("dialog", lambda dialog: dialog.accept())
    await people.get_by_role("button", name="Remove: ben").click()
    await expect(people.get_by_role("button", name="Remove: ben")).to_have_count(0)
    assert [user.username for user in await house.door.accounts.users()] == ["ann"]


async def test_a_token_is_shown_once_and_revoked(house: House):
    await house.door.owner()
    page = await house.signed_in(ANN, "account")
    tokens = page.locator("#tokens-part")
    await tokens.get_by_text("Make a token").click()
    await tokens.get_by_label("What it is for").fill("<b>evening</b>")
    await tokens.get_by_role("button", name="Make it").click()
    secret = await tokens.locator("code").inner_text()
    assert await house.door.accounts.find(secret, ("api",))
    await page.reload()
    await expect(tokens.get_by_text("<b>evening</b>")).to_be_visible()
    assert secret not in await page.content()
    await tokens.get_by_role("button", name="Revoke: <b>evening</b>").click()
    await expect(tokens.get_by_text("There are none.")).to_be_visible()
    assert await house.door.accounts.find(secret, ("api",)) is None


async def test_a_page_whose_session_ends_asks_to_sign_in_and_comes_back(house: House):
    await house.door.owner()
    page = await house.signed_in(ANN)
    await page.wait_for_selector("body[data-may]")
    ann = await house.door.accounts.user("ann")
    assert ann is not None
    await house.door.accounts.revoke_all(ann.id, ("cookie",))
    await settled(page, "/login?next=%2F")
    await sign_in(page, ANN)
    await page.wait_for_selector("body[data-may]")
    assert page.url == house.door.address


@pytest.mark.parametrize(
    ("path", "scheme", "viewport"),
    [("welcome", "light", PHONE), ("login", "dark", DESKTOP), ("account", "light", PHONE)],
)
async def test_everybody_can_use_them(
    house: House, path: str, scheme: str, viewport: dict[str, int]
):
    context = {"color_scheme": scheme, "viewport": viewport, "bypass_csp": True}
    if path != "welcome":
        await house.door.owner()
    page = await house.open(path, **context)
    await page.wait_for_selector("body[data-ready]")
    if path == "account":
        await sign_in(page, ANN)
        await page.wait_for_selector("body[data-known]")
        for summary in await page.locator("summary").all():
            await summary.click()
    await page.add_script_tag(path=str(AXE))
    found = await page.evaluate("axe.run()")
    serious = [
        (one["id"], [node["html"] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) <= 0


async def test_they_speak_german(house: House):
    page = await house.open("welcome", locale="de-DE")
    await expect(page.get_by_role("heading")).to_have_text("Wo wird er hängen?")
    await page.get_by_role("button", name="Jetzt nicht").click()
    await expect(page.get_by_label("Einmal-Code")).to_be_visible()
