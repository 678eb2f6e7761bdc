"""Exports over HTTP: what arrives, who may ask, and clients that do not behave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from mirrord.correction import Correction
from mirrord.export.formats import FORMATS
from mirrord.model import EXPRESSIONS
from mirrord.store import Store
from mirrord.web import body, make_app, serve
from mirrord.web.export import AT_ONCE, exports
from tests.export_kit import as_caller, filled, multiply
from tests.fakes.mirror import FakeMirror
from tests.store_kit import after, reading

ADDRESS = "/emotions/api/export/"


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    path = await filled(tmp_path / "mirror.sqlite3", morning=5, evening=7)
    async with Store.open(path, flush_s=60) as store:
        yield store


@pytest_asyncio.fixture
async def client(store: Store, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    part = exports(store, tmp_path / "mirror.sqlite3")
    app = make_app(FakeMirror(), as_caller("read"), part)
    async with serve(app, "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as client:
        yield client


@pytest.mark.parametrize("form", FORMATS)
async def test_a_file_arrives(client: aiohttp.ClientSession, form: str):
    async with client.get(ADDRESS, params={"format": form}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == FORMATS[form].media_type
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith('attachment; filename="mood-mirror-readings-2')
        assert disposition.endswith(f'.{form}"')
        assert answer.headers["Cache-Control"] == "no-store"
        body = await answer.read()
    if form == "json":
        assert [row["track"] for row in json.loads(body)["readings"]] == list(range(12))
    else:
        assert len(body) > 1000


async def test_what_is_still_in_memory_is_exported_too(store: Store, client: aiohttp.ClientSession):
    store.add_reading("now", reading(after(100), track=100))
    async with client.get(f"{ADDRESS}?format=jsonl&session_id=now") as answer:
        assert json.loads(await answer.read())["track"] == 100


async def test_the_choice_and_the_address_without_its_slash(client: aiohttp.ClientSession):
    params = {
        "format": "jsonl",
        "since": "2026-03-01T18:00:03Z",
        "until": "2026-03-01T20:00:06+02:00",
        "include_environment": "true",
    }
    async with client.get(ADDRESS.rstrip("/"), params=params) as answer:
        rows = [json.loads(line) for line in (await answer.read()).splitlines()]
    assert [row["track"] for row in rows] == [3, 4, 5]
    assert rows[0]["environment"]["audio_tone"] == "uplifting"
    async with client.get(ADDRESS, params={"format": "jsonl", "after": rows[-1]["id"]}) as answer:
        rest = [json.loads(line)["track"] for line in (await answer.read()).splitlines()]
    assert rest == list(range(6, 12))


async def test_sessions_and_corrections(store: Store, client: aiohttp.ClientSession):
    seen = dict.fromkeys(EXPRESSIONS, 1 / 7)
    store.add_correction(Correction("one", after(3), seen, "happy"))
    store.add_correction(Correction("two", after(4), seen, "sad"))
    store.undo_correction("two")
    async with client.get(f"{ADDRESS}?what=sessions") as answer:
        assert "mood-mirror-sessions-2" in answer.headers["Content-Disposition"]
        morning, evening = (await answer.json())["sessions"]
    assert morning["session_id"] == "morning"
    assert morning["start_time"] == "2026-03-01T18:00:00.000Z"
    assert (morning["total_readings"], morning["average_joy"]) == (5, 0.25)
    assert evening["is_active"] is False
    async with client.get(f"{ADDRESS}?what=sessions&since=2026-03-01T18:00:05Z") as answer:
        assert [one["session_id"] for one in (await answer.json())["sessions"]] == ["evening"]
    async with client.get(f"{ADDRESS}?what=corrections") as answer:
        one, two = (await answer.json())["corrections"]
    assert (one["id"], one["at"]) == ("one", "2026-03-01T18:00:03.000Z")
    assert (one["should_be"], one["happy"], one["undone_at"]) == ("happy", 0.1429, None)
    assert two["undone_at"] is not None
    async with client.get(f"{ADDRESS}?what=corrections&until=2026-03-01T18:00:04Z") as answer:
        assert [each["id"] for each in (await answer.json())["corrections"]] == ["one"]
    for form in FORMATS:
        async with client.get(f"{ADDRESS}?what=corrections&format={form}") as answer:
            assert answer.status == 200
            assert await answer.read()


async def test_only_the_head(client: aiohttp.ClientSession):
    async with client.head(f"{ADDRESS}?format=csv") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].endswith('.csv"')


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("format=xlsx", "format: "),
        ("since=yesterday", "since: 'yesterday' is no time"),
        ("days=nan", "days: "),
        ("days=0", "days: "),
        ("after=7", "after: "),
        ("after=00000000-0001-8000-8000-000000000000", "no reading of this database"),
        ("session_id=nobody", "there is no session 'nobody'"),
        ("include_environment=perhaps", "include_environment: "),
        ("what=accounts", "what: "),
        ("what=sessions&include_environment=true", "belong to readings, not to sessions"),
        ("what=corrections&session_id=morning", "belong to no session"),
        ("secret=1", "secret: no such parameter"),
        ("since=1h&since=2h", "since: is given more than once"),
    ],
)
async def test_what_cannot_be_asked(client: aiohttp.ClientSession, query: str, said: str):
    async with client.get(f"{ADDRESS}?{query}") as answer:
        assert answer.status == 400
        assert said in (await answer.json())["message"]


@pytest.mark.parametrize(("scopes", "status"), [((), 401), (("look",), 403), (("control",), 403)])
async def test_who_may_not(store: Store, tmp_path: Path, scopes: tuple[str, ...], status: int):
    app = make_app(FakeMirror(), as_caller(*scopes), exports(store, tmp_path / "mirror.sqlite3"))
    async with (
        serve(app, "127.0.0.1", 0) as url,
        aiohttp.ClientSession(url) as client,
        client.get(ADDRESS) as answer,
    ):
        assert answer.status == status


async def slow_reader(
    url: aiohttp.ClientSession,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Ask for a large export and read nothing but its head."""
    base = url._base_url
    assert base is not None
    reader, writer = await asyncio.open_connection(base.host, base.port, limit=4096)
    writer.write(f"GET {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_slow_readers_hold_up_nobody_but_further_exports(
    client: aiohttp.ClientSession, tmp_path: Path
):
    multiply(tmp_path / "mirror.sqlite3", 30_000)
    slow = [await slow_reader(client) for _ in range(AT_ONCE)]
    async with client.get("/state") as answer:
        assert answer.status == 200
    async with client.get(ADDRESS) as answer:
        assert answer.status == 429
        assert "running already" in (await answer.json())["message"]
    for _, writer in slow:
        writer.transport.abort()
    async with asyncio.timeout(20):
        while True:
            async with client.get(f"{ADDRESS}?format=csv&session_id=morning") as answer:
                if answer.status == 200:
                    break
            await asyncio.sleep(0.05)


async def test_slow_readers_are_let_go(
    client: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A place is not held by taking a few bytes now and then."""
    monkeypatch.setattr(body, "PATIENCE_S", 0.4)
    monkeypatch.setattr(body, "LEAST_BYTES_S", 1 << 30)
    multiply(tmp_path / "mirror.sqlite3", 30_000)
    slow = [await slow_reader(client) for _ in range(AT_ONCE)]

    async def drip(reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await reader.readexactly(65_536)
                await asyncio.sleep(0.1)

    dripping = [asyncio.create_task(drip(reader)) for reader, _ in slow]
    async with asyncio.timeout(20):
        await asyncio.gather(*dripping)  # they were cut off
    async with client.get(f"{ADDRESS}?format=csv&session_id=morning") as answer:
        assert answer.status == 200
    for _, writer in slow:
        writer.transport.abort()


async def test_stopping_the_server_ends_exports(store: Store, tmp_path: Path):
    multiply(tmp_path / "mirror.sqlite3", 30_000)
    app = make_app(FakeMirror(), as_caller("read"), exports(store, tmp_path / "mirror.sqlite3"))
    async with (
        serve(app, "127.0.0.1", 0) as url,
        aiohttp.ClientSession(url) as client,
    ):
        _, writer = await slow_reader(client)
    writer.transport.abort()  # the fixtures see that no thread and no task is left


async def test_a_file_that_breaks_midway_breaks_the_connection(
    client: aiohttp.ClientSession, tmp_path: Path
):
    multiply(tmp_path / "mirror.sqlite3", 30_000)
    reader, writer = await slow_reader(client)
    rest = await reader.readexactly(65_536)
    (tmp_path / "mirror.sqlite3").rename(tmp_path / "gone")
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            rest = rest[-10:] + chunk
    assert not rest.endswith(b"0\r\n\r\n")  # so a chunked body ends that is whole
    writer.transport.abort()
