"""Forgetting while the mirror looks: the open session, and what corrections taught."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from mirrord.config import Config
from mirrord.controls import Controls
from mirrord.correction import Correction
from mirrord.engine import Engine
from mirrord.forgetting import Forgetting
from mirrord.model import EXPRESSIONS
from mirrord.store import Store
from mirrord.store.forgetting import forget_in
from mirrord.store.limits import Limits
from mirrord.store.queries import Chosen
from mirrord.teaching import Teaching
from mirrord.wire import FaceSeen, FrameSeen
from tests.store_kit import all_readings
from tests.test_engine import Wishes


class Looking:
    """An engine that records into a real store, with a clock of its own for what it sees."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now_s = 1000.0
        self.engine = Engine(
            Config(), Controls(), Wishes(), store, lambda: None, lambda: self.now_s
        )
        self.forgetting = Forgetting(store, self.engine, Teaching(store, self.engine))

    def show(self, seconds: float) -> str:
        """Show a happy face, ten times a second; return the session's id."""
        shares = {one: 0.88 if one == "happy" else 0.02 for one in EXPRESSIONS}
        face = FaceSeen(1, (100, 100, 200, 200), 0.9, "good", shares, "happy", 0.9)
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.engine.take(FrameSeen(1, round(self.now_s * 1e9), 640, 480, (face,)))
        assert self.engine.sessions.current
        return self.engine.sessions.current.id


@pytest_asyncio.fixture
async def looking(tmp_path: Path) -> AsyncIterator[Looking]:
    async with Store.open(tmp_path / "mirror.sqlite3", flush_s=600) as store:
        yield Looking(store)


async def sessions(store: Store) -> dict[str, bool]:
    await store.flush()
    return {one.session_id: one.is_active for one in await store.sessions()}


async def test_who_is_still_there_begins_another_session(looking: Looking):
    first = looking.show(5)
    gone = await looking.forgetting.forget(Chosen())
    assert gone.readings >= 4
    assert await sessions(looking.store) == {}
    second = looking.show(5)
    assert second != first
    assert await sessions(looking.store) == {second: True}
    assert len(await all_readings(looking.store)) >= 4


async def test_forgetting_the_open_session_by_its_id(looking: Looking):
    first = looking.show(3)
    await looking.forgetting.forget(Chosen(first))
    second = looking.show(3)
    assert await sessions(looking.store) == {second: True}


async def test_the_last_hour(looking: Looking):
    first = looking.show(3)
    await looking.forgetting.forget(Chosen(None, datetime.now(UTC) - timedelta(hours=1)))
    assert first not in await sessions(looking.store)


async def test_what_does_not_concern_the_open_session_leaves_it_alone(looking: Looking):
    first = looking.show(3)
    before = datetime.now(UTC) - timedelta(hours=1)
    await looking.forgetting.forget(Chosen(None, None, before))
    await looking.forgetting.forget(Chosen("another"))
    assert looking.show(3) == first
    assert await sessions(looking.store) == {first: True}


async def test_what_is_deleted_beside_the_mirror_is_noticed(looking: Looking, tmp_path: Path):
    teaching = Teaching(looking.store, looking.engine)
    seen = dict.fromkeys(EXPRESSIONS, 1 / 7)
    looking.store.add_correction(Correction("one", datetime.now(UTC), seen, "happy"))
    await looking.store.flush()
    await teaching.reload()
    watching = asyncio.create_task(looking.forgetting.watch())
    forget_in(tmp_path / "mirror.sqlite3", Limits(365, 500), Chosen())
    looking.show(2)
    await looking.store.flush()
    async with asyncio.timeout(20):
        while looking.engine.calibration.corrections:
            await asyncio.sleep(0.05)
    watching.cancel()
    await asyncio.wait({watching})


async def test_what_forgotten_corrections_taught_is_forgotten(looking: Looking):
    teaching = Teaching(looking.store, looking.engine)
    seen = dict.fromkeys(EXPRESSIONS, 1 / 7)
    looking.store.add_correction(Correction("one", datetime.now(UTC), seen, "happy"))
    await looking.store.flush()
    await teaching.reload()
    assert looking.engine.calibration.corrections == 1
    await looking.forgetting.forget(Chosen())
    assert looking.engine.calibration.corrections == 0
    assert await looking.store.corrections() == []
