"""Takes the pictures of the documents from a running demo: python scripts/pictures.py URL.

For History, give the demo's database a past before it starts: python scripts/past.py FILE.
Those of the collective, from `mirrord collective demo`: pictures.py URL NAME PASSWORD.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import time
import urllib.request
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from mirrord.web.address import code_of

SVG = "image/svg+xml"
PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


def wait_for(url: str, mood: str, steady_s: float = 2.5) -> None:
    """Wait until the mirror has shown a mood for a while, so that the lamps have arrived."""
    since = None
    while since is None or time.monotonic() - since < steady_s:
        with urllib.request.urlopen(f"{url}state", timeout=5) as answer:
            shown = json.load(answer)["mood"]
        there = shown["dominant_emotion"] == mood and shown["present"]
        since = (since or time.monotonic()) if there else None
        time.sleep(0.2)


def take(browser: Browser, url: str, name: str, mood: str, *, width: int, dark: bool) -> None:
    """Write one picture of a page of the mirror in a mood."""
    phone = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": 844 if phone else 900},
        color_scheme="dark" if dark else "light",
        locale="en-GB",
        device_scale_factor=1,
    )
    page = context.new_page()
    page.goto(url)
    wait_for(url.removesuffix("mirror"), mood)
    whole = not phone and not url.endswith("mirror")
    kind: Literal["jpeg", "png"] = "jpeg" if name.endswith(".jpg") else "png"
    quality = 88 if kind == "jpeg" else None
    page.screenshot(path=PICTURES / name, full_page=whole, type=kind, quality=quality)
    context.close()


def take_page(
    browser: Browser, url: str, name: str, wanted: str, *, width: int, dark: bool, language: str
) -> None:
    """Write one picture of another page, once `wanted` is there."""
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 600 else 1100},
        color_scheme="dark" if dark else "light",
        locale=language,
    )
    page = context.new_page()
    page.add_init_script("localStorage.setItem('history.span', 'week')")
    page.goto(url)
    page.wait_for_selector(wanted, timeout=30_000)
    page.wait_for_timeout(1500)  # the bars have grown, the typefaces are there
    page.screenshot(path=PICTURES / name)
    context.close()


def take_first_start(browser: Browser, url: str) -> None:
    """Write the pictures of the first start, and of the notice at a home of the pictures' own."""
    for name, width, dark, step in (
        ("first-desktop.png", 1440, False, 0),
        ("first-phone.png", 390, True, 4),
    ):
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 1000},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
        )
        page = context.new_page()
        page.goto(f"{url}welcome")
        page.wait_for_selector("body[data-ready]")
        page.locator("#steps button").nth(step).click()
        page.wait_for_timeout(2500)
        page.screenshot(path=PICTURES / name)
        page.locator("#leave").dispatch_event("click")  # no more of it on the other pages
        page.wait_for_timeout(500)
        context.close()
    context = browser.new_context(viewport={"width": 840, "height": 1188}, locale="en-GB")
    page = context.new_page()
    home = "http://hall-mirror.local:8080/"
    facts = {"name": "Hall mirror", "address": home, "others": [], "keep_days": 365}
    told = {"success": True, "data": facts | {"smart_home": False, "collective": False}}
    drawn = io.BytesIO()
    code_of(home).save(drawn, kind="svg", xmldecl=False, light="#fff", border=3, scale=8)
    page.route("**/notice/facts", lambda route: route.fulfill(json=told))
    page.route(
        "**/address.svg", lambda route: route.fulfill(body=drawn.getvalue(), content_type=SVG)
    )
    page.goto(f"{url}notice")
    page.wait_for_selector("body[data-ready]")
    page.wait_for_timeout(800)
    page.locator(".sheet").screenshot(path=PICTURES / "notice.png")
    context.close()


def take_collective(browser: Browser, url: str, name: str, password: str) -> None:
    """Write the pictures of the collective: the world, on a phone, its past, an invitation."""
    for file, width, dark, language in (
        ("collective-world.jpg", 1440, True, "en-GB"),
        ("collective-phone.jpg", 390, False, "de-DE"),
    ):
        page = collective_page(browser, url, width=width, dark=dark, language=language)
        page.wait_for_timeout(30_000)  # the colours have arrived, however slow this machine is
        page.screenshot(path=PICTURES / file, type="jpeg", quality=86)
        page.context.close()
    page = collective_page(browser, url, width=1440, dark=False, language="en-GB")
    page.set_viewport_size({"width": 1440, "height": 3000})  # all of it, without scrolling
    page.wait_for_selector("#week .main-svg", timeout=30_000)
    page.wait_for_timeout(1500)
    page.locator("#past").screenshot(path=PICTURES / "collective-past.png")
    page.request.post(
        f"{url}/emotions/auth/session/", data={"username": name, "password": password}
    )
    page.goto(f"{url}/spaces")
    page.locator("#mine a").first.click()
    page.get_by_role("button", name="Make a link").click()
    page.locator("#invitation svg").wait_for()
    page.wait_for_timeout(500)
    page.locator("#invite-part").screenshot(path=PICTURES / "collective-invite.png")
    page.get_by_role("button", name="Revoke: Members: their mirrors count").last.click()
    page.context.close()


def collective_page(browser: Browser, url: str, *, width: int, dark: bool, language: str) -> Page:
    """Open the world."""
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 600 else 900},
        color_scheme="dark" if dark else "light",
        locale=language,
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#shares li", timeout=30_000)
    return page


def newest_visit(url: str) -> str:
    """Return the address of the newest visit that has ended."""
    with urllib.request.urlopen(f"{url}emotions/api/sessions/", timeout=5) as answer:
        sessions = json.load(answer)["results"]
    ended = next(one for one in sessions if not one["is_active"])
    return f"{url}history/{quote(ended['session_id'], safe='')}"


def main(url: str, *account: str) -> None:
    """Take them all, of a mirror or of the collective."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        if account:
            take_collective(browser, url.rstrip("/"), *account)
            browser.close()
            return
        take(browser, url, "now-desktop.png", "joy", width=1440, dark=True)
        take(browser, url, "now-phone.png", "calm", width=390, dark=False)
        take(browser, f"{url}mirror", "mirror-joy.jpg", "joy", width=1440, dark=True)
        take(browser, f"{url}mirror", "mirror-energy.jpg", "energy", width=1440, dark=True)
        week, course, log = "#week .main-svg", "#course .main-svg", "#log li"
        visit = newest_visit(url)
        for name, page, wanted, width, dark, language in (
            ("history-desktop.png", f"{url}history", week, 1440, False, "en-GB"),
            ("history-phone.png", f"{url}history", week, 390, True, "de-DE"),
            ("visit-desktop.png", visit, course, 1440, True, "en-GB"),
            ("privacy-desktop.png", f"{url}privacy", log, 1440, False, "en-GB"),
        ):
            take_page(browser, page, name, wanted, width=width, dark=dark, language=language)
        take_first_start(browser, url)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
