"""The collective's pages in a real browser: the picture, and the way from an account to a space."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import insert

from mirrord.collective.database import sqlite_url
from mirrord.collective.folding import GRACE_MS
from mirrord.collective.numbers import now_ms
from mirrord.collective.people.keys import KeyRing
from mirrord.collective.publishing import Publisher
from mirrord.collective.schema import SUMS, WORLD, contributions
from mirrord.collective.tally import HOUR_MS
from mirrord.model import MOODS
from tests.browser.conftest import Look
from tests.browser.test_every_page import AXE, DESKTOP, OVERLAPS, PHONE, SMALL_TARGETS, WIDER
from tests.collective_kit import PASSWORD, Api, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = 6
WINDOW_MS = 300_000
# Address, and what there is once the page shows all that it has.
PAGES = {
    "/": "#week .main-svg",
    "/space/{space}": "#beside td",
    "/register": "#register-form",
    "/account": "#sessions li",
    "/link": "#code-form",
    "/spaces": "#mine li",
    "/spaces/{space}": "#members li",
    "/join": "#lead:not(:empty)",
    "/admin/users": "tbody tr",
}
FRAME = """
() => { const c = document.querySelector('#picture'); const p = document.createElement('canvas');
  p.width = p.height = 48; const pen = p.getContext('2d'); pen.drawImage(c, 0, 0, 48, 48);
  return [...pen.getImageData(0, 0, 48, 48).data]; }
"""


@dataclass
class Collective(Look):
    """The collective with a day behind it, and a browser that looks at it."""

    api: Api = field(kw_only=True)
    space: str = ""
    cookie: str = ""

    async def open(self, path: str = "", **context: Any) -> Page:
        page = await super().open("about:blank", **context)
        await page.goto(self.address + path.replace("{space}", self.space))
        await page.wait_for_selector("body[data-ready]")
        return page

    async def signed_in(self, path: str, **context: Any) -> Page:
        page = await super().open("about:blank", **context)
        key = {"name": "collective", "value": self.cookie, "url": self.address}
        await page.context.add_cookies([key])
        await page.goto(self.address + path.replace("{space}", self.space))
        await page.wait_for_selector("body[data-ready]")
        return page

    async def publish(self, start: int, mood: str, spaces: list[int]) -> None:
        """Let people have contributed to a window, all of them mostly in one mood."""
        high = {name: 5000 if name == mood else 1700 for name in MOODS}
        sums = {name: 10 * high.get(name.removesuffix("_sum"), 1000) for name in SUMS}
        rows = [
            {"space": space, "start": start, "account": one, "readings": 10, **sums}
            for space in spaces
            for one in range(100, 100 + PEOPLE)
        ]
        await self.api.database.write(lambda to: to.execute(insert(contributions), rows))
        clock = max(now_ms(), start + WINDOW_MS + GRACE_MS)
        await Publisher(self.api.database, self.api.bus, lambda: clock).once()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Collective]:
    folder: Path = tmp_path_factory.mktemp("collective")
    limits, few = {"address_per_minute": 100_000}, sqlite_url(folder / "collective.sqlite3")
    async with (
        served(folder, limits=limits, database={"url": few, "connections": 2}) as api,
        AsyncExitStack() as s,
    ):
        # Each connection has a thread; those that begin within a test would count as left behind.
        await asyncio.gather(*(api.database.check() for _ in range(8)))
        account, token = await api.account("root", admin=True)
        await api.mirror(token, "Hall")
        _, cookie = await KeyRing(api.database).begin(account.account, "cookie", 1.0)
        made = {"name": "Gallery by the river", "kind": "gallery"}
        space = (await api.post("api/spaces/", made, token)).data["id"]
        look = Collective(browser, None, api.url, s, api=api, space=space, cookie=cookie)
        last = now_ms() // WINDOW_MS * WINDOW_MS - 2 * WINDOW_MS
        for place in range(12, -1, -1):
            mood = MOODS[place // 4] if place else "calm"
            await look.publish(last - place * HOUR_MS, mood, [WORLD, int(space)])
        yield look


@pytest_asyncio.fixture(loop_scope="session")
async def look(house: Collective) -> AsyncIterator[Collective]:
    """The same, and nothing that the browser complains of."""
    house.complaints.clear()
    yield house
    assert house.complaints == []


async def sound(page: Page) -> None:
    """What holds for every page: axe finds nothing, and a thumb hits everything."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run()")
    said = [
        f"{one['impact']} {one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in found["violations"]
    ]
    assert said == []
    assert await page.evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_sound_on_a_desk_and_in_a_hand(house: Collective, path: str) -> None:
    house.complaints.clear()
    signed = path not in ("/", "/register", "/join")
    opener = house.signed_in if signed else house.open
    page = await opener(path, viewport=PHONE, reduced_motion="reduce")
    await page.wait_for_selector(PAGES[path], timeout=20_000)
    # axe itself may do what the page's policy forbids: only what was said before counts.
    assert house.complaints == []
    if path != "/space/{space}":  # the same document as the world
        await sound(page)
    for width in (320, 390, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        assert max(await page.evaluate(WIDER)) <= 0, width
        assert await page.evaluate(OVERLAPS) == [], width
    if path == "/admin/users":  # a table there, a list of cards in the hand
        await sound(page)
    await page.context.close()


async def still_frame(page: Page) -> list[int]:
    """Return the picture once it stands, as was asked for; one that moves never would."""
    async with asyncio.timeout(20):
        before: list[int] = []
        while (frame := await page.evaluate(FRAME)) != before:
            before = frame
            await page.wait_for_timeout(400)
    return before


async def test_the_picture_follows_what_is_published(look: Collective) -> None:
    page = await look.open("/", viewport=DESKTOP, reduced_motion="reduce")
    await expect(page.locator("h1")).to_have_text("The world is mostly calm")
    await expect(page.locator("#about")).to_contain_text("5 or more contributed between")
    await expect(page.locator("#link")).to_have_text("Live")
    await expect(page.locator("#viewers")).to_have_text("One person is looking")
    assert await page.locator("#shares li").count() == len(MOODS)
    await page.get_by_role("button", name="Full screen").click()
    await expect(page.get_by_role("button", name="Leave full screen")).to_be_visible()
    assert await page.evaluate("document.fullscreenElement.id") == "living"
    await page.get_by_role("button", name="Leave full screen").click()
    await expect(page.get_by_role("button", name="Full screen", exact=True)).to_be_visible()
    assert len(set(await still_frame(page))) > 20  # something is drawn
    now = now_ms() // WINDOW_MS * WINDOW_MS - WINDOW_MS
    await look.publish(now, "melancholy", [WORLD])
    await expect(page.locator("h1")).to_have_text("The world is mostly melancholic")
    assert await page.locator("#news").inner_text() == "The world is mostly melancholic"
    await page.context.close()


async def test_without_enough_people_the_page_says_so(look: Collective) -> None:
    page = await look.signed_in("/spaces", locale="de-DE")
    await page.get_by_label("Name").fill("Küche")
    await page.get_by_role("button", name="Raum anlegen").click()
    await page.wait_for_url("**/spaces/*")
    await page.goto(page.url.replace("/spaces/", "/space/"))
    await expect(page.locator("h1")).to_have_text("Noch nicht genug Menschen")
    await expect(page.locator("#about")).to_contain_text("Ab 5 Beteiligten")
    await expect(page.locator("#past")).to_be_hidden()
    await page.context.close()


async def test_from_an_account_to_a_mirror_in_a_space_with_the_keyboard_alone(
    look: Collective,
) -> None:
    page = await look.open("/spaces", viewport=PHONE)
    keys = page.keyboard
    await page.get_by_role("link", name="No account yet? Make one.").focus()
    await keys.press("Enter")
    await page.wait_for_url("**/register*")
    await expect(page.locator("#name")).to_be_focused()
    for text in ("mira", PASSWORD, PASSWORD):
        await keys.type(text)
        await keys.press("Tab")
    await keys.press("Enter")
    await page.wait_for_url("**/spaces")
    await page.locator("#name").focus()
    await keys.type("Kitchen")
    await keys.press("Enter")
    await page.wait_for_url("**/spaces/*")

    begun = (await look.api.post("api/mirrors/enrol/", {"name": "Window"})).data
    await page.goto(look.address + "/link")
    await page.wait_for_selector("body[data-ready]")
    await page.locator("#code").focus()
    await keys.type(begun["code"].lower().replace("-", " "))
    await keys.press("Enter")
    await expect(page.locator("#found-title")).to_have_text("Is it “Window”?")
    await expect(page.locator("#found-title")).to_be_focused()
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.locator("#done-title")).to_have_text("“Window” is linked")
    claimed = (await look.api.post("api/mirrors/claim/", {"claim": begun["claim"]})).data
    assert (claimed["user"], claimed["spaces"]) == ("mira", ["Kitchen"])
    await page.goto(look.address + "/account")
    await expect(page.locator("#mirrors")).to_contain_text("Counts in Kitchen.")
    await page.context.close()


async def test_an_invitation_lets_somebody_in_and_its_secret_stays_with_the_browser(
    look: Collective,
) -> None:
    owner = await look.signed_in("/spaces/{space}")
    await owner.get_by_role("button", name="Make a link").click()
    link = await owner.locator("#invitation code").inner_text()
    await expect(owner.locator("#invitation svg")).to_be_visible()
    assert "/join#" in link
    asked: list[str] = []
    guest = await look.open("/")
    guest.on("request", lambda request: asked.append(request.url))
    await guest.goto(link)
    await guest.get_by_role("link", name="Make an account").click()
    await guest.locator("#name").fill("guest")
    await guest.locator("#password").fill(PASSWORD)
    await guest.locator("#again").fill(PASSWORD)
    await guest.get_by_role("button", name="Make the account").click()
    await guest.get_by_role("button", name="Come in").click()
    await guest.wait_for_url("**/spaces/*")
    await expect(guest.locator("h1")).to_have_text("Gallery by the river")
    secret = link.partition("#")[2]
    assert not [url for url in asked if secret in url.partition("#")[0]]
    await guest.context.close()
    await owner.context.close()


async def test_an_administrator_is_asked_before_anything_is_deleted(look: Collective) -> None:
    _, token = await look.api.account("doomed")
    page = await look.signed_in("/admin")
    await page.get_by_label("Contains").fill("doom")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("dialog")).to_contain_text("doomed")
    await page.keyboard.press("Escape")
    assert (await look.api.get("auth/profile/", token)).status == 200
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.locator("tbody tr")).to_have_count(0)
    assert (await look.api.get("auth/profile/", token)).status == 401
    await page.goto(look.address + "/admin/audit")
    await expect(page.locator("tbody tr").first).to_contain_text("delete")
    await page.context.close()


async def test_an_account_is_deleted_with_its_password_and_told_what_went(look: Collective) -> None:
    account, _ = await look.api.account("leaver")
    _, cookie = await KeyRing(look.api.database).begin(account.account, "cookie", 1.0)
    page = await look.open("/")
    key = {"name": "collective", "value": cookie, "url": look.address}
    await page.context.add_cookies([key])
    await page.goto(look.address + "/account")
    await page.get_by_text("Delete the account").click()
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Account")
    await page.get_by_role("link", name="To the world").click()
    await expect(page.locator("#who")).to_have_text("Sign in")
    assert (await look.api.get("auth/me/")).data["user"] is None
    await page.context.close()


REFUSED = [
    ("POST", "/emotions/auth/session/", {"username": "root", "password": "not this one"}),
    ("POST", "/emotions/auth/register/", {"username": "a b", "password": "x"}),
    ("POST", "/emotions/auth/password/", {"current": "wrong"}),
    ("POST", "/emotions/auth/tokens/", {"name": "", "days": 1, "scopes": ["look"]}),
    ("POST", "/emotions/api/mirrors/ask/", {"code": "AAAA-AAAA"}),
    ("POST", "/emotions/api/mirrors/confirm/", {"code": "AAAA-AAAA", "accept": True}),
    ("DELETE", "/emotions/api/mirrors/1/", None),
    ("POST", "/emotions/api/spaces/", {"name": "", "kind": "gallery"}),
    ("POST", "/emotions/api/spaces/", {"name": "x", "kind": "castle"}),
    ("POST", "/emotions/api/spaces/join/", {"secret": "x" * 40}),
    ("GET", "/emotions/api/spaces/4711/", None),
    ("PATCH", "/emotions/api/spaces/1/", {"public": False}),
    ("GET", "/emotions/api/admin/users/?kind=x", None),
    ("PUT", "/emotions/api/admin/users/4711/", {"active": False}),
    ("GET", "/emotions/nowhere/", None),
]
TOLD = """
async ([method, path, body]) => {
  const { knock } = await import('/static/knock.js');
  const options = { method, headers: { 'Content-Type': 'application/json' } };
  if (body) options.body = JSON.stringify(body);
  const english = await (await fetch(path, options)).json();
  return [english.message, (await knock(method, path, body ?? undefined)).message];
}
"""


async def test_whatever_the_collective_refuses_is_said_in_german(house: Collective) -> None:
    page = await house.signed_in("/account", locale="de-DE")
    told = [await page.evaluate(TOLD, list(one)) for one in REFUSED]
    assert all(english for english, _ in told)
    assert [english for english, german in told if german == english] == []
    words = {word for _, german in told for word in german.lower().split()}
    assert words & {"the", "is", "expected", "must", "there", "not", "you"} == set()
    await page.context.close()
    house.complaints.clear()  # the console names each refused request
