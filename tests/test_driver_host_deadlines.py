"""The driver host: nobody waits for one that hangs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mirrord.driver import (
    Unavailable,
)
from mirrord.testing import BRIGHT
from tests.driver_host_kit import QUICK, Bench, hosting
from tests.fakes.driver_scripted import Script
from tests.waiting import until

pytestmark = pytest.mark.alone


async def test_a_hanging_opening_is_given_up() -> None:
    script = Script(open_hangs=True)
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "unavailable")
        assert bench.status().error == "could not be opened within 0.5 s"
        script.open_hangs = False
        await until(lambda: bench.status().state == "ready")


async def test_a_hanging_apply_is_given_up() -> None:
    script = Script(apply_takes_s=60.0)
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: bench.status().state == "unavailable")
        assert bench.status().error == "no answer within 0.5 s"
        script.apply_takes_s = 0.0
        await until(lambda: script.applied)
    assert script.opened == script.closed


def let_go(bench: Bench) -> None:
    """End what the host has left behind."""
    for task in list(bench.host._drivers["lamp"].left_behind):
        task.cancel()


async def test_one_that_hangs_and_hears_nothing_delays_nobody() -> None:
    deaf, sibling = Script(apply_takes_s=30.0, deaf=True), Script()
    async with hosting(deaf, sibling, timing=replace(QUICK, heartbeat_s=30.0)) as bench:
        for n in range(100):
            bench.host.wish(replace(BRIGHT, particle_count=n))
            await until(lambda n=n: len(sibling.applied) == n + 1, within_s=2.0)
        deaf.deaf = False
    let_go(bench)  # those whose deadline came while they heard nothing


async def test_what_would_not_end_is_named_and_left_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script(close_takes_s=2.0, deaf=True)
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        took_s = await bench.stop()
        assert took_s < 2.0
        assert bench.host.left_behind == ["lamp"]
        assert "driver lamp, while closing: did not close within 0.5 s" in caplog.text
        script.deaf = False
        await until(lambda: bench.host.left_behind == [])


async def test_few_are_left_behind_at_a_time() -> None:
    script = Script(open_hangs=True, deaf=True)
    timing = replace(QUICK, open_s=0.05, close_s=0.05)
    async with hosting(script, timing=timing) as bench:
        await until(lambda: script.tried == 3)
        await asyncio.sleep(1.0)
        assert script.tried == 3
        script.deaf = script.open_hangs = False
        let_go(bench)
        await until(lambda: bench.status().state == "ready")


async def test_all_are_closed_at_once_and_given_back() -> None:
    scripts = [Script(close_takes_s=0.3) for _ in range(10)]
    async with hosting(*scripts) as bench:
        await until(lambda: all(status.state == "ready" for status in bench.host.status))
        assert await bench.stop() < 2.0
        assert [script.closed for script in scripts] == [1] * 10
        assert bench.host.left_behind == []


async def test_a_failing_close_is_told_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(close_fails=Unavailable("the lamp is gone"))
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert bench.status().error == "may not be as it was found: the lamp is gone"
    assert "while closing: may not be as it was found: the lamp is gone" in caplog.text


async def test_what_could_not_be_given_back_is_shown_until_it_was() -> None:
    script = Script()
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: script.applied)
        script.close_fails = script.apply_fails = Unavailable("unplugged")
        await until(lambda: bench.status().state == "unavailable")
        script.open_fails = Unavailable("unplugged")
        tried = script.tried
        await until(lambda: script.tried > tried + 2)
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert bench.status().error == "may not be as it was found: unplugged"
        script.open_fails = script.close_fails = script.apply_fails = None
        bench.host.enable("lamp", True)
        await until(lambda: bench.status().state == "ready")
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert bench.status().error == ""


async def test_a_driver_that_blocks_the_loop_is_named(caplog: pytest.LogCaptureFixture) -> None:
    script, sibling = Script(), Script()
    async with hosting(script, sibling, timing=replace(QUICK, apply_s=10.0)) as bench:
        script.apply_blocks_s = 1.0
        bench.host.wish(BRIGHT)
        await until(lambda: script.applied)
        script.apply_blocks_s = 0.0
        await until(lambda: "held up the whole mirror" in bench.status().error)
        assert bench.status("lamp2").error == ""
    assert "driver lamp holds up the whole mirror" in caplog.text
    assert "tests.fakes.driver_scripted" in caplog.text
