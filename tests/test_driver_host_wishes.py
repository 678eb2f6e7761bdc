"""The driver host: the newest wish is applied, and no backlog."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mirrord.testing import BETWEEN, BRIGHT, DIM
from tests.driver_host_kit import QUICK, hosting
from tests.fakes.driver_scripted import Script
from tests.waiting import until

pytestmark = pytest.mark.alone


async def test_the_newest_wish_is_applied_and_shown() -> None:
    script = Script()
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        assert bench.status().applied_at is None
        bench.host.wish(BRIGHT)
        await until(lambda: script.applied)
        status = bench.status()
    assert script.applied[0] == BRIGHT
    assert (status.name, status.title, status.enabled) == ("lamp", "The lamp", True)
    assert (status.state, status.error) == ("ready", "")
    assert status.applied_at is not None
    assert abs(datetime.now(UTC) - status.applied_at) < timedelta(minutes=1)


async def test_the_same_wish_comes_again_as_a_heartbeat() -> None:
    script = Script()
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: len(script.applied) >= 4)
    assert set(map(id, script.applied)) == {id(BRIGHT)}


async def test_a_wish_for_nothing_new_is_no_wish() -> None:
    script = Script()
    async with hosting(script, timing=replace(QUICK, heartbeat_s=30.0)) as bench:
        for frame in range(50):
            bench.host.wish(replace(BRIGHT, captured_ns=frame))
            await asyncio.sleep(0.002)
        bench.host.wish(DIM)
        await until(lambda: len(script.applied) > 1)
    assert script.applied == [replace(BRIGHT, captured_ns=0), DIM]


async def test_a_slow_driver_gets_the_newest_wish_and_no_backlog() -> None:
    script = Script(apply_takes_s=0.2)
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: bench.status().state == "opening" and script.opened)
        await asyncio.sleep(0.05)
        for step in range(100):
            bench.host.wish(replace(BETWEEN, particle_count=step))
        bench.host.wish(DIM)
        await until(lambda: len(script.applied) >= 2)
    assert script.applied[:2] == [BRIGHT, DIM]


async def test_a_wish_from_before_the_start_is_applied() -> None:
    script = Script()
    async with hosting(script) as bench:
        bench.host.wish(DIM)
        await until(lambda: script.applied)
    assert script.applied[0] == DIM
