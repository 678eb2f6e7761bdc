"""Forgetting over HTTP: announced, confirmed, and only by who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from mirrord.store import Store
from mirrord.store.queries import Chosen
from mirrord.web import make_app, serve
from mirrord.web.forget import CONFIRM_S, Confirmations, forgets
from tests.export_kit import as_caller, filled
from tests.fakes.mirror import FakeMirror
from tests.store_kit import after, all_readings, reading

ADDRESS = "/emotions/api/forget/"


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    path = await filled(tmp_path / "mirror.sqlite3", morning=5, evening=7)
    async with Store.open(path, flush_s=60) as store:
        yield store


@pytest_asyncio.fixture
async def client(store: Store, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    part = forgets(store, tmp_path / "mirror.sqlite3", store.forget)
    app = make_app(FakeMirror(), as_caller("read", "control"), part)
    async with serve(app, "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as client:
        yield client


async def post(client: aiohttp.ClientSession, **body: Any) -> tuple[int, dict[str, Any]]:
    async with client.post(ADDRESS, json=body) as answer:
        return answer.status, await answer.json()


async def test_announced_first_deleted_then(store: Store, client: aiohttp.ClientSession):
    store.add_reading("evening", reading(after(50), track=50))  # still in memory
    status, said = await post(client, session_id="evening")
    assert status == 200
    data = said["data"]
    assert data["going"] == {
        "readings": 8,
        "responses": 7,
        "sessions": 1,
        "oldest": "2026-03-01T18:00:05Z",
        "newest": "2026-03-01T18:00:50Z",
        "damaged_files": 0,
    }
    assert data["sentence"].startswith("8 readings, 7 answers of the room, 1 whole session")
    assert data["expires_in_s"] == CONFIRM_S
    assert len(await all_readings(store)) == 13
    status, said = await post(client, confirm=data["confirm"])
    assert (status, said["data"]["readings"]) == (200, 8)
    assert [one.track for one in await all_readings(store)] == [4, 3, 2, 1, 0]
    status, said = await post(client, confirm=data["confirm"])
    assert status == 409
    assert "ask again" in said["message"]


async def test_all_and_a_span(store: Store, client: aiohttp.ClientSession):
    _, said = await post(client, since="2026-03-01T18:00:02Z", until="2026-03-01T18:00:04Z")
    assert said["data"]["going"]["readings"] == 2
    await post(client, confirm=said["data"]["confirm"])
    assert [one.track for one in await all_readings(store)] == [11, 10, 9, 8, 7, 6, 5, 4, 1, 0]
    _, said = await post(client, all=True)
    assert said["data"]["going"]["readings"] == 10
    await post(client, confirm=said["data"]["confirm"])
    assert await all_readings(store) == []
    assert store.status.readings == 0


async def test_the_last_hour(store: Store, client: aiohttp.ClientSession):
    store.add_reading("now", reading(datetime.now().astimezone() - timedelta(minutes=1)))
    _, said = await post(client, since="1h")
    assert said["data"]["going"]["readings"] == 1
    await post(client, confirm=said["data"]["confirm"])
    assert len(await all_readings(store)) == 12


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "say what is to be forgotten"),
        ({"all": True, "since": "1h"}, 400, "say what is to be forgotten"),
        ({"all": "yes"}, 400, "all: "),
        ({"since": "later"}, 400, "since: 'later' is no time"),
        ({"session_id": "nobody"}, 400, "there is no session 'nobody'"),
        ({"everything": True}, 400, "everything: no such parameter"),
        ({"confirm": "x", "all": True}, 400, "confirm: send it alone"),
        ({"confirm": "x"}, 409, "confirm: is unknown or too old"),
    ],
)
async def test_what_cannot_be_asked(
    store: Store,
    client: aiohttp.ClientSession,
    body: dict[str, object],
    status: int,
    said: str,
):
    answered, answer = await post(client, **body)
    assert answered == status
    assert said in answer["message"]
    assert len(await all_readings(store)) == 12


@pytest.mark.parametrize(("scopes", "status"), [((), 401), (("look",), 403), (("read",), 403)])
async def test_who_may_not(store: Store, tmp_path: Path, scopes: Any, status: int):
    part = forgets(store, tmp_path / "mirror.sqlite3", store.forget)
    app = make_app(FakeMirror(), as_caller(*scopes), part)
    async with serve(app, "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as client:
        assert (await post(client, all=True))[0] == status
        async with client.get(ADDRESS) as answer:
            assert answer.status == 405
        headers = {"Origin": "http://elsewhere.example"}
        async with client.post(ADDRESS, json={"all": True}, headers=headers) as answer:
            assert answer.status == 403


async def test_two_at_once_delete_once(store: Store, client: aiohttp.ClientSession):
    _, said = await post(client, all=True)
    token = said["data"]["confirm"]
    answers = await asyncio.gather(*(post(client, confirm=token) for _ in range(3)))
    assert sorted(status for status, _ in answers) == [200, 409, 409]


def test_confirmations_are_for_who_asked_once_and_not_for_long():
    now = 0.0
    confirmations = Confirmations(lambda: now)
    token = confirmations.add("ann", Chosen())
    assert confirmations.take(token, "bob") is None
    assert confirmations.take(token, None) is None
    assert confirmations.take(token, "ann") == Chosen()
    assert confirmations.take(token, "ann") is None
    token = confirmations.add("ann", Chosen())
    now = CONFIRM_S + 1
    assert confirmations.take(token, "ann") is None
    first, *rest = [confirmations.add("ann", Chosen()) for _ in range(17)]
    assert confirmations.take(first, "ann") is None  # no more than sixteen wait
    assert confirmations.take(rest[0], "ann") == Chosen()
