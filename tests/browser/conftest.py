"""A real browser in front of the real server, and a mirror that obeys the test."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright, expect

from mirrord.api.caller import Caller, require, set_caller
from mirrord.api.reply import Handler, success
from mirrord.api.rooms import Rooms
from mirrord.config import StoreSettings, parse
from mirrord.runtime.boot_clock import BootClock
from mirrord.store import Store
from mirrord.sync.running import Sync
from mirrord.web import make_app, serve
from mirrord.web.collective import collective_part
from mirrord.web.consent import consent_part
from mirrord.web.emotions import emotions
from mirrord.web.export import exports
from mirrord.web.forget import forgets
from mirrord.web.history import history_part
from mirrord.web.privacy import privacy_part
from mirrord.web.records import DeviceRecords
from tests.api_kit import agreed_in, respond_by_hand
from tests.browser.records import fill
from tests.fakes.mirror import FakeMirror

expect.set_options(timeout=15_000)  # ms; what is expected comes at once but for a busy machine

# The first is the same engine without the windows around it: a page costs a third.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Look:
    """One mirror, its server, and a browser's page that looks at it."""

    browser: Browser
    mirror: FakeMirror
    address: str
    stack: AsyncExitStack
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str = "", **context: Any) -> Page:
        """Open a page; whatever its console, scripts or requests do wrong is remembered."""
        context.setdefault("locale", "en-GB")
        context.setdefault("viewport", {"width": 1280, "height": 800})
        opened = await self.browser.new_context(**context)
        self.stack.push_async_callback(opened.close)
        page = await opened.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._request)
        await page.goto(path if path.startswith("about:") else self.address + path)
        if path == "":
            await page.wait_for_selector("body[data-ready]")
        return page

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if (
            request.url != "about:blank"
            and urlsplit(request.url).netloc != urlsplit(self.address).netloc
        ):
            self.complaints.append(f"external request: {request.url}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert found, "Chromium is missing: run `sh scripts/setup_tests.sh`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        await browser.close()


@dataclass
class Past(Look):
    """A mirror that has recorded `visits`, the newest first."""

    store: Store = field(kw_only=True)
    syncing: Sync = field(kw_only=True)
    visits: list[str] = field(default_factory=list)


def require_control(request: web.Request) -> None:
    """Let whoever may control the mirror pass: there are no accounts here."""
    require(request, "control")


@web.middleware
async def _owner(request: web.Request, handler: Handler) -> web.StreamResponse:
    set_caller(request, Caller("anna", "owner", frozenset({"look", "read", "control"})))
    return await handler(request)


def _unexplained(app: web.Application) -> None:
    """Answer why with an empty chain: the whole mirror's is in test_every_page."""
    nothing = {"expression": None, "seen": None, "done": None, "sources": {}}
    chain = nothing | {"rules": [], "limits": [], "drivers": []}

    async def why(_request: web.Request) -> web.Response:
        return success("This is why.", chain)

    app.router.add_get("/emotions/api/why/", why)


@pytest_asyncio.fixture(loop_scope="session")
async def empty(browser: Browser, tmp_path: Path) -> AsyncIterator[Past]:
    """A mirror that has recorded nothing yet."""
    mirror, path = FakeMirror(), tmp_path / "mirror.sqlite3"
    async with Store.open(path, 0.05) as store, AsyncExitStack() as stack:
        rooms = Rooms()
        config = parse({"store": {"path": str(path)}, "sync": {"every_s": 1.0}}, "test.toml")
        syncing = Sync(store, BootClock(lambda: True), lambda: config)
        parts = (
            lambda app: app.middlewares.append(_owner),
            emotions(DeviceRecords(store, rooms, respond_by_hand, str), rooms),
            history_part,
            _unexplained,
            privacy_part(store, StoreSettings),
            collective_part(syncing.desk, require_control),
            consent_part(agreed_in(tmp_path)),
            exports(store, path),
            forgets(store, path, store.forget),
        )
        address = await stack.enter_async_context(serve(make_app(mirror, *parts), "127.0.0.1", 0))
        past = Past(browser, mirror, address, stack, store=store, syncing=syncing)
        yield past
        await asyncio.sleep(0)
        assert past.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def past(empty: Past) -> Past:
    """A mirror that was in use for three weeks."""
    empty.visits = await fill(empty.store)
    return empty


@pytest_asyncio.fixture(loop_scope="session")
async def look(browser: Browser) -> AsyncIterator[Look]:
    mirror = FakeMirror()
    async with (
        serve(make_app(mirror), "127.0.0.1", 0) as address,
        AsyncExitStack() as stack,
    ):
        look = Look(browser, mirror, address, stack)
        yield look
        await asyncio.sleep(0)
        assert look.complaints == []
