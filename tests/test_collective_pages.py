"""The collective's pages as files: complete, self-contained and strict."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from mirrord.collective.demo_moods import NAMES, moods_at, tally_at
from mirrord.collective.linking.judging import judged
from mirrord.collective.pages.documents import FILES
from mirrord.collective.pages.part import DOCUMENTS, drawn
from mirrord.collective.tally import MINUTE_MS
from mirrord.sync_wire import Tally
from tests.collective_kit import Api, served

HTML = {"Accept": "text/html"}
OWN = sorted(path for path in FILES.paths.values() if "collective" in path.parts)


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with served(tmp_path) as api:
        yield api


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?://(?!\$)|[\"']//", text)
    if path.suffix == ".html":
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text)


async def test_a_document_and_all_that_it_names_are_served(api: Api) -> None:
    _, token = await api.account("root", admin=True)
    seen: set[str] = set()
    for path, _, rule, charts in DOCUMENTS:
        if rule in ("account", "admin"):
            answer = await api.ask("GET", path.replace("{list}", "users"), token)
        else:
            answer = await api.ask("GET", path.replace("{space}", "1"))
        assert answer.status == 200, path
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src" not in policy
        assert "default-src 'self'" in policy
        assert ("img-src" in policy) is charts
        assert "require-trusted-types-for 'script'" in policy
        seen |= set(re.findall(r"<(/(?:static|words)/[^>]+)>", answer.headers["Link"]))
        seen |= set(re.findall(r'(?:href|src)="(/(?:static|fonts)/[^"]+)"', answer.body))
    for address in seen:
        async with api.http.get(api.url + address) as answer:
            assert answer.status == 200, address


async def test_whoever_has_not_signed_in_is_shown_the_way_and_a_stranger_a_page(api: Api) -> None:
    async with api.http.get(f"{api.url}/account", headers=HTML, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login?next=%2Faccount")
    async with api.http.get(f"{api.url}/nowhere", headers=HTML) as answer:
        assert answer.status == 404
        assert "missing.js" in await answer.text()
    _, token = await api.account("ann")
    async with api.http.get(f"{api.url}/admin", headers={**HTML, "Authorization": token}) as answer:
        assert answer.status == 403
        assert "missing.js" in await answer.text()


def test_a_code_has_the_shape_of_its_standard() -> None:
    code = drawn("https://example.org/join#" + "x" * 43)
    size = code["size"]
    assert isinstance(size, int)
    assert (size - 8 - 17) % 4 == 0  # 21, 25, 29 ... squares, and a border of four
    places = re.findall(r"M(\d+) (\d+)h1v1h-1z", str(code["path"]))
    assert ("4", "4") in places  # the corner of the finder
    assert all(4 <= int(one) < size - 4 for place in places for one in place)


@pytest.mark.parametrize("hour", range(24))
def test_what_simulated_mirrors_send_is_taken(hour: int) -> None:
    start = 1_790_000_040_000 // MINUTE_MS * MINUTE_MS + hour * 60 * MINUTE_MS
    for person in range(len(NAMES)):
        assert isinstance(judged(tally_at(start, person), start + 2 * MINUTE_MS), Tally)
        moods = moods_at(start, person)
        assert sum(list(moods.values())[:4]) == pytest.approx(1)
        assert min(moods["valence"], moods["arousal"]) >= -1
