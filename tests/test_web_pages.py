"""The page's files: complete, self-contained, documented."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import aiohttp
import pytest

from mirrord.web import make_app
from mirrord.web.reply import FILES as SHELF
from tests.fakes.mirror import FakeMirror

FILES = sorted(SHELF.paths.values())
PAGES = [path for path in FILES if path.suffix == ".html"]
SCRIPTS = [name for name in SHELF.paths if name.endswith(".js")]
DOCUMENT = Path(__file__).parent.parent / "docs" / "page.md"


def test_every_address_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for resource in make_app(FakeMirror()).router.resources():
        assert f" {resource.canonical}`" in text, f"docs/page.md does not name {resource.canonical}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?://(?!\$)|[\"']//", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_have_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text)


@pytest.mark.parametrize("route", ["/", "/mirror"])
async def test_a_page_and_all_it_names_are_served(
    session: aiohttp.ClientSession, route: str
) -> None:
    async with session.get(route) as response:
        assert response.content_type == "text/html"
        text = await response.text()
    for address in re.findall(r'(?:href|src)="(/(?:static|fonts)/[^"]+)"', text):
        async with session.get(address) as response:
            assert response.status == 200, address


async def test_every_import_of_a_script_is_served(session: aiohttp.ClientSession) -> None:
    for script in SCRIPTS:
        for name in re.findall(r'from "(\.[^"]+)"', SHELF[script].read_text(encoding="utf-8")):
            address = posixpath.normpath(f"/static/{posixpath.dirname(script)}/{name}")
            async with session.get(address) as response:
                assert response.status == 200, address
                assert response.content_type in ("text/javascript", "application/javascript")


async def test_the_typefaces_are_served(session: aiohttp.ClientSession) -> None:
    names = re.findall(r"/fonts/([\w.-]+)", SHELF["base.css"].read_text(encoding="utf-8"))
    assert len(names) == 6
    for name in names:
        async with session.get(f"/fonts/{name}") as response:
            assert response.content_type == "font/otf"
            assert (await response.read())[:4] == b"OTTO"


async def test_the_state_is_what_the_page_shows(session: aiohttp.ClientSession) -> None:
    async with session.get("/state") as response:
        state = await response.json()
    assert response.headers["Cache-Control"] == "no-store"
    keys = re.findall(r"`(\w+)`", DOCUMENT.read_text(encoding="utf-8").split("### The state")[1])
    assert state.keys() - {"v"} <= set(keys)


@pytest.mark.parametrize(
    "route", ["/nowhere", "/static/nowhere.js", "/static/../app.py", "/fonts/nowhere.otf"]
)
async def test_what_is_not_there(session: aiohttp.ClientSession, route: str) -> None:
    async with session.get(route) as response:
        assert response.status == 404
        assert (await response.json())["message"] == "There is nothing at this address."
    async with session.get(route, headers={"Accept": "text/html"}) as response:
        assert response.status == 404
        assert "Nothing is reflected here." in await response.text()


async def test_the_wrong_method(session: aiohttp.ClientSession) -> None:
    async with session.get("/control") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
        assert (await response.json())["status_code"] == 405
