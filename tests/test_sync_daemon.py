"""The whole mirror: silent until it is linked, linked over its page; what it forgets is erased."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mirrord.config import parse
from mirrord.daemon import Daemon, started
from tests.fakes.collective import FakeCollective, serving
from tests.store_kit import reading, response
from tests.waiting import until

ADDRESS = "emotions/api/collective/"


@asynccontextmanager
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Any, ...]]:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    config = parse(
        {
            "camera": {"source": str(tmp_path / "empty")},
            "store": {"path": str(tmp_path / "mirror.sqlite3"), "flush_s": 0.1},
            "web": {"port": 0, "password": "optional"},
            "sync": {"every_s": 1.0},
        },
        "test.toml",
    )
    async with started(config) as (daemon, url), aiohttp.ClientSession(url) as page:
        await daemon.control({"camera": False})
        yield daemon, page


async def ask(page: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
    async with page.request(method, f"/{path}", json=body) as answer:
        found = await answer.json()
        assert answer.status == 200, found
        return found["data"]


async def visit(daemon: Daemon, name: str, readings: int) -> None:
    store = daemon._store
    store.start_session(name, datetime.now(UTC))
    for track in range(readings):
        store.add_reading(name, reading(datetime.now(UTC), track=track), response())
    store.end_session(name, datetime.now(UTC))
    await store.flush()


async def test_from_silence_to_the_end_of_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    look_up = socket.getaddrinfo

    def noticed(*words: Any, **more: Any) -> Any:
        asked.append(words[0])
        return look_up(*words, **more)

    async with house(tmp_path, monkeypatch) as (daemon, page), serving(FakeCollective()) as fake:
        monkeypatch.setattr(socket, "getaddrinfo", noticed)
        await visit(daemon, "before", 3)
        await asyncio.sleep(1.0)
        assert await ask(page, "GET", f"{ADDRESS}ledger/") == []
        assert asked == []
        shown = await ask(page, "POST", ADDRESS, {"url": fake.url, "agreed": True})
        assert (shown["state"], shown["link"]["code"]) == ("asking", "MIRA-4711")
        assert "claim" not in str(shown)
        fake.confirm()
        await until(lambda: (tmp_path / "collective.json").read_text().count("linked"), "linked")
        await until(lambda: daemon.sync.sender.status.state == "linked", "shared")
        await visit(daemon, "first", 5)
        await visit(daemon, "second", 7)
        await until(lambda: len(fake.sessions) == 2, "both visits there")
        assert sum(one.readings for one in fake.tallies.values()) == 12
        await ask(page, "POST", "emotions/api/forget/", {"session_id": "first"})
        announced = await ask(page, "POST", "emotions/api/forget/", {"session_id": "first"})
        await ask(page, "POST", "emotions/api/forget/", {"confirm": announced["confirm"]})
        await until(lambda: len(fake.erased) == 1, "erased there")
        assert [one.readings for one in fake.tallies.values()] == [7]
        state = await ask(page, "DELETE", ADDRESS, {"erase": True})
        assert state["state"] in ("erasing", "off")
        await until(lambda: not (tmp_path / "collective.json").exists(), "unlinked")
        assert not fake.tallies
        rows = await ask(page, "GET", f"{ADDRESS}ledger/")
        assert rows[0]["kind"] == "erase"
