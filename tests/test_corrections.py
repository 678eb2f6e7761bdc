"""Corrections through the store and over HTTP: made, listed, undone, and what they change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web

from mirrord.api.caller import Caller, set_caller
from mirrord.config import parse
from mirrord.controls import Controls
from mirrord.correction import BOUND
from mirrord.engine import Engine
from mirrord.model import EXPRESSIONS, Environment, Measured
from mirrord.store import Store
from mirrord.teaching import Teaching
from mirrord.web import make_app, serve
from mirrord.web.corrections import correcting
from mirrord.wire import FaceSeen, FrameSeen
from tests.fakes.mirror import FakeMirror

PATH = "emotions/api/corrections/"
SAD = {name: {"sad": 0.5, "neutral": 0.3}.get(name, 0.04) for name in EXPRESSIONS}


class NoRoom:
    """A room without devices."""

    def wish(self, environment: Environment) -> None: ...
    def measured(self) -> Measured:
        return Measured()


@dataclass
class House:
    """An engine that sees, its store, and the page in front of both."""

    engine: Engine
    store: Store
    teaching: Teaching
    http: aiohttp.ClientSession
    now_s: float = 1000.0

    def see(self, frames: int = 20) -> None:
        for _ in range(frames):
            self.now_s += 0.1
            face = FaceSeen(1, (1, 1, 200, 200), 0.9, "good", SAD, "sad", 0.6)
            self.engine.take(FrameSeen(1, round(self.now_s * 1e9), 640, 480, (face,)))

    async def ask(self, method: str, path: str = PATH, **kept: Any) -> tuple[int, Any]:
        async with self.http.request(method, path, **kept) as response:
            return response.status, await response.json()

    async def correct(self, should_be: str = "neutral", **more: Any) -> Any:
        status, body = await self.ask("POST", json={"should_be": should_be, **more})
        assert status == 201, body
        return body["data"]


def everybody(*scopes: Any) -> Any:
    @web.middleware
    async def known(request: web.Request, handler: Any) -> web.StreamResponse:
        set_caller(request, Caller("owner", "owner", frozenset(scopes)))
        response: web.StreamResponse = await handler(request)
        return response

    return lambda app: app.middlewares.append(known)


@asynccontextmanager
async def open_house(path: Path, *scopes: Any) -> AsyncIterator[House]:
    async with Store.open(path / "mirror.sqlite3", flush_s=0.2) as store:
        clock: list[House] = []
        engine = Engine(
            parse({"store": {"every_s": 0.0}}, "test.toml"),
            Controls(),
            NoRoom(),
            store,
            lambda: None,
            lambda: clock[0].now_s if clock else 1000.0,
        )
        teaching = Teaching(store, engine)
        await teaching.reload()
        app = make_app(FakeMirror(), everybody(*scopes), correcting(teaching))
        async with (
            serve(app, "127.0.0.1", 0) as address,
            aiohttp.ClientSession(address) as http,
        ):
            house = House(engine, store, teaching, http)
            clock.append(house)
            yield house
            engine.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, "look", "read", "control") as house:
        yield house


async def test_corrections_change_what_is_seen_and_undoing_takes_them_back(house: House):
    house.see()
    assert house.engine.expressions == SAD
    for _ in range(9):
        made = await house.correct()
    assert made["seen"] == pytest.approx(SAD, abs=1e-4)
    assert (made["should_be"], made["undone"]) == ("neutral", None)
    house.see(50)
    assert house.engine.frame.faces[0].expression == "neutral"
    assert house.engine.mood.expression == "neutral"
    status, body = await house.ask("DELETE", PATH + made["id"] + "/")
    assert (status, body["data"]["id"]) == (200, made["id"])
    assert body["data"]["undone"] is not None
    assert house.engine.calibration.corrections == 8
    assert (await house.ask("DELETE"))[1]["data"] == {"undone": 8}
    assert house.engine.calibration.corrections == 0
    house.see(1)
    assert house.engine.expressions == SAD


async def test_they_are_listed_the_newest_first_in_pages(house: House):
    house.see()
    made = [await house.correct(name) for name in EXPRESSIONS]
    _, page = await house.ask("GET", PATH + "?page_size=3")
    assert page["count"] == 7
    assert [one["id"] for one in page["results"]] == [one["id"] for one in made[:3:-1]]
    seen = list(page["results"])
    while page["next"]:
        async with house.http.get(page["next"]) as response:
            page = await response.json()
        seen += page["results"]
    assert [one["id"] for one in seen] == [one["id"] for one in reversed(made)]
    async with house.http.get(page["previous"]) as response:
        assert len((await response.json())["results"]) == 3


async def test_they_outlast_a_restart(tmp_path: Path):
    async with open_house(tmp_path, "control") as house:
        house.see()
        for _ in range(4):
            await house.correct("happy")
        offsets = house.engine.calibration.offsets
    async with open_house(tmp_path, "read") as house:
        assert house.engine.calibration.offsets == pytest.approx(offsets, abs=1e-3)
        assert max(map(abs, offsets)) <= BOUND


async def test_a_moment_of_the_last_minute_can_be_corrected(house: House):
    house.see()
    now = datetime.now(UTC)
    assert await house.correct(at=now.isoformat())
    assert await house.correct(at=(now + timedelta(seconds=20)).isoformat())  # it was held since
    long_ago = (now - timedelta(minutes=5)).isoformat()
    status, body = await house.ask("POST", json={"should_be": "happy", "at": long_ago})
    assert (status, body["message"]) == (
        409,
        "No face was judged at that time, within the last minute.",
    )


async def test_a_recorded_reading_can_be_corrected_by_what_was_seen_before_corrections(
    house: House,
):
    house.see()
    for _ in range(9):
        await house.correct()
    house.see()
    await house.store.flush()
    reading = (await house.store.readings(limit=1))[0]
    assert reading.expression == "neutral"
    made = await house.correct("happy", reading=str(reading.id))
    assert made["seen"] == pytest.approx(SAD, abs=1e-3)
    status, body = await house.ask("POST", json={"should_be": "happy", "reading": str(UUID(int=5))})
    assert status == 404
    assert "There is no reading" in body["message"]


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ({}, 400, "should_be: is missing"),
        ({"should_be": "unsure"}, 400, "should_be: expected one of angry"),
        ({"should_be": "happy", "at": "yesterday"}, 400, "at: "),
        ({"should_be": "happy", "at": "2026-03-01T10:00:00"}, 400, "at: "),
        ({"should_be": "happy", "reading": "5"}, 400, "reading: "),
        ({"should_be": "happy", "mood": 1}, 400, "mood: no such parameter"),
        (
            {"should_be": "happy", "at": "2026-03-01T10:00:00Z", "reading": str(UUID(int=5))},
            400,
            "Give either at or reading",
        ),
        ({"should_be": "happy"}, 409, "No face was judged"),
    ],
)
async def test_says_what_is_wrong(house: House, asked: Any, status: int, sentence: str):
    answered, body = await house.ask("POST", json=asked)
    assert (answered, body["success"]) == (status, False)
    assert body["message"].startswith(sentence)
    assert await house.teaching.all() == []


@pytest.mark.parametrize("path", [f"{PATH}{UUID(int=7)}/", f"{PATH}x%00y/", f"{PATH}{'9' * 300}"])
async def test_undoing_what_is_not_there(house: House, path: str):
    status, body = await house.ask("DELETE", path)
    assert (status, body["message"]) == (404, "There is no such correction.")


async def test_only_those_who_may(tmp_path: Path):
    async with open_house(tmp_path, "look") as house:
        house.see()
        assert (await house.ask("GET"))[0] == 403
        assert (await house.ask("POST", json={"should_be": "happy"}))[0] == 403
        assert (await house.ask("DELETE"))[0] == 403
        assert (await house.ask("DELETE", PATH + "x"))[0] == 403
