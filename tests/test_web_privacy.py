"""What the Privacy page asks for: what is stored, and the camera's log in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from mirrord.config import StoreSettings
from mirrord.store import Store
from mirrord.web import make_app, serve
from mirrord.web.privacy import privacy_part
from tests.api_kit import by_token, seen
from tests.fakes.mirror import FakeMirror

BEGIN = datetime(2026, 5, 1, 8, tzinfo=UTC)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Store, aiohttp.ClientSession]]:
    async with Store.open(folder / "mirror.sqlite3", 0.05) as store:
        privacy = privacy_part(store, lambda: StoreSettings(keep_days=30.0, max_mb=20.0))
        app = make_app(FakeMirror(), lambda app: app.middlewares.append(by_token), privacy)
        async with (
            serve(app, "127.0.0.1", 0) as url,
            aiohttp.ClientSession(url, headers={"Authorization": "Token reader"}) as http,
        ):
            yield store, http


@pytest_asyncio.fixture
async def page(tmp_path: Path) -> AsyncIterator[tuple[Store, aiohttp.ClientSession]]:
    async with served(tmp_path) as found:
        yield found


async def get(http: aiohttp.ClientSession, path: str, **options: Any) -> tuple[int, Any]:
    async with http.get("/emotions/api/" + path, **options) as response:
        return response.status, await response.json()


async def switched(store: Store, times: int) -> None:
    for hour in range(times):
        state = "open" if hour % 2 else "off"
        store.log_camera(state, BEGIN + timedelta(hours=hour))
    await store.flush()


async def test_what_is_stored(page: tuple[Store, aiohttp.ClientSession]) -> None:
    store, http = page
    store.add_reading("s", seen(at=BEGIN))
    await switched(store, 3)
    status, answer = await get(http, "stored/")
    stored = answer["data"]
    assert status == 200
    assert (stored["readings"], stored["sessions"], stored["camera_changes"]) == (1, 1, 3)
    assert (stored["keep_days"], stored["max_mb"]) == (30.0, 20.0)
    assert datetime.fromisoformat(stored["oldest"]) == BEGIN
    assert stored["bytes"] > 0


async def test_the_log_goes_on_where_it_ended(page: tuple[Store, aiohttp.ClientSession]) -> None:
    store, http = page
    await switched(store, 7)
    status, first = await get(http, "camera_log/", params={"page_size": 3})
    assert (status, first["count"], first["previous"]) == (200, 7, None)
    assert first["results"][0] == {"state": "off", "since": "2026-05-01T14:00:00Z", "until": None}
    assert first["results"][1]["until"] == first["results"][0]["since"]
    store.log_camera("open", BEGIN + timedelta(hours=7))  # the list grows meanwhile
    await store.flush()
    seen_so_far, answer = list(first["results"]), first
    while answer["next"]:
        status, answer = await get(http, answer["next"].partition("/emotions/api/")[2])
        assert status == 200
        seen_so_far += answer["results"]
    hours = [datetime.fromisoformat(one["since"]).hour for one in seen_so_far]
    assert hours == [14, 13, 12, 11, 10, 9, 8]
    status, back = await get(http, answer["previous"].partition("/emotions/api/")[2])
    assert [one["since"] for one in back["results"]] == [one["since"] for one in seen_so_far[3:6]]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("page_size=0", "page_size"),
        ("page_size=many", "page_size"),
        ("cursor=later", "cursor"),
        ("pages=2", "pages"),
    ],
)
async def test_what_cannot_be_asked(
    page: tuple[Store, aiohttp.ClientSession], query: str, named: str
) -> None:
    status, answer = await get(page[1], f"camera_log/?{query}")
    assert status == 400
    assert answer["message"].startswith(named)
    assert answer["success"] is False


@pytest.mark.parametrize("path", ["stored/", "camera_log/"])
async def test_nobody_is_told(page: tuple[Store, aiohttp.ClientSession], path: str) -> None:
    status, answer = await get(page[1], path, headers={"Authorization": "Token stranger"})
    assert status == 401
    assert "data" not in answer


async def test_a_page_that_the_log_has_not(page: tuple[Store, aiohttp.ClientSession]) -> None:
    await switched(page[0], 2)
    status, answer = await get(page[1], "camera_log/?page=5")
    assert status == 404
    assert answer["message"].startswith("page")
