"""Lists in pages: by number, and by links that stay right while the list grows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mirrord.store.book import FOLD_EVERY
from tests.api_kit import Served, respond_by_hand, seen, served


@pytest_asyncio.fixture
async def mirror(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, flush_s=30) as mirror:
        yield mirror


async def fill(mirror: Served, count: int, session_id: str = "in-front") -> None:
    now = datetime.now(UTC)
    for number in range(count):
        reading = seen(at=now - timedelta(seconds=count - number))
        mirror.store.add_reading(session_id, reading, respond_by_hand(reading.affect))
    await mirror.store.flush()


async def walk(mirror: Served, path: str, way: str = "next") -> list[list[Any]]:
    """Return the pages from a path on, as their links lead."""
    pages = []
    link = f"{mirror.url}/emotions/{path}"
    while link:
        async with mirror.http.get(link) as response:
            assert response.status == 200
            page = await response.json()
        assert page.keys() == {"count", "next", "previous", "results"}
        pages.append(page["results"])
        link = page[way]
    return pages


def ids(records: list[Any]) -> list[str]:
    return [record.get("id") or record.get("reading") or record["session_id"] for record in records]


@pytest.mark.parametrize(
    "path",
    [
        "api/readings/?page_size=7",
        "api/readings/by_session/?page_size=7&session_id=in-front",
        "api/readings/recent/?page_size=7&hours=3",
        "api/environment/?page_size=7",
        "api/environment/for_session/?session_id=in-front&page_size=7",
    ],
)
@pytest.mark.parametrize("count", [0, 14, FOLD_EVERY + 11])
async def test_every_record_comes_once_and_the_newest_first(
    mirror: Served, path: str, count: int
) -> None:
    """Over readings that are folded into the aggregates and those that are not yet."""
    await fill(mirror, count)
    pages = await walk(mirror, path)
    found = [one for page in pages for one in ids(page)]
    assert len(found) == len(set(found)) == count
    assert found == sorted(found, reverse=True)
    assert all(len(page) == 7 for page in pages[:-1])
    assert (await mirror.get(path))[1]["count"] == count


async def test_fifty_to_a_page(mirror: Served) -> None:
    await fill(mirror, 51)
    first = (await mirror.get("api/readings/"))[1]
    assert (len(first["results"]), first["count"], first["previous"]) == (50, 51, None)
    second = (await mirror.get("api/readings/?page=2"))[1]
    assert (len(second["results"]), second["next"]) == (1, None)


async def test_pages_by_number_are_the_same_as_by_link(mirror: Served) -> None:
    await fill(mirror, FOLD_EVERY + 30)
    await fill(mirror, 20)  # not folded
    linked = [ids(page) for page in await walk(mirror, "api/readings/?page_size=40")]
    numbered = [
        ids((await mirror.get(f"api/readings/?page_size=40&page={number}"))[1]["results"])
        for number in range(1, len(linked) + 1)
    ]
    assert numbered == linked


async def test_a_page_beyond_the_last_is_404(mirror: Served) -> None:
    await fill(mirror, 3)
    status, refused = await mirror.get("api/readings/?page=2")
    assert status == 404
    assert refused["message"].startswith("page: ")


async def test_links_lead_back_as_well(mirror: Served) -> None:
    await fill(mirror, 25)
    forward = await walk(mirror, "api/readings/?page_size=10")
    last = (await mirror.get("api/readings/?page_size=10&page=3"))[1]
    back = await walk(mirror, last["previous"].partition("/emotions/")[2], way="previous")
    assert [ids(page) for page in back] == [ids(forward[1]), ids(forward[0])]


async def test_what_comes_meanwhile_neither_repeats_nor_hides_anything(mirror: Served) -> None:
    await fill(mirror, 20)
    first = (await mirror.get("api/readings/?page_size=10"))[1]
    await fill(mirror, 5)
    async with mirror.http.get(first["next"]) as response:
        second = await response.json()
    assert not set(ids(first["results"])) & set(ids(second["results"]))
    assert len(second["results"]) == 10
    assert (second["count"], second["next"]) == (25, None)
    async with mirror.http.get(second["previous"]) as response:
        assert ids((await response.json())["results"]) == ids(first["results"])


async def test_sessions_come_in_pages_too(mirror: Served) -> None:
    for number in range(12):
        mirror.store.start_session(f"s{number:02}", datetime.now(UTC))
    mirror.store.end_session("s05", datetime.now(UTC))
    await mirror.store.flush()
    found = [one for page in await walk(mirror, "api/sessions/?page_size=5") for one in ids(page)]
    assert found == [f"s{number:02}" for number in reversed(range(12))]
    active = await walk(mirror, "api/sessions/active/?page_size=5")
    assert [one for page in active for one in ids(page)] == [one for one in found if one != "s05"]


async def test_links_keep_the_other_parameters(mirror: Served) -> None:
    await fill(mirror, 3, "a b/c".replace("/", "&"))
    path = "api/readings/by_session/?session_id=a%20b%26c&page_size=2"
    assert [len(page) for page in await walk(mirror, path)] == [2, 1]
