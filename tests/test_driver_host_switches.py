"""The driver host: switching drivers off and on, and pausing the room."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mirrord.driver import (
    ConfigError,
    Unavailable,
)
from mirrord.testing import BRIGHT, DIM
from tests.driver_host_kit import QUICK, hosting
from tests.fakes.driver_scripted import Script
from tests.waiting import until

pytestmark = pytest.mark.alone


async def test_switching_off_leaves_the_context_even_during_an_apply() -> None:
    script = Script(apply_takes_s=60.0)
    async with hosting(script, timing=replace(QUICK, apply_s=60.0)) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: script.open_now == 1)
        await asyncio.sleep(0.05)
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert (script.closed, script.open_now, bench.status().enabled) == (1, 0, False)


async def test_a_pause_gives_every_device_back_and_ends_with_the_newest_wish() -> None:
    scripts = [Script(), Script()]
    async with hosting(*scripts) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: all(script.applied for script in scripts))
        bench.host.enable("lamp2", False)
        bench.host.pause(True)
        await until(lambda: bench.status().state == "paused")
        await until(lambda: bench.status("lamp2").state == "off")
        assert [script.open_now for script in scripts] == [0, 0]
        bench.host.wish(DIM)
        bench.host.pause(False)
        await until(lambda: scripts[0].applied[-1] == DIM)
        assert bench.status("lamp2").state == "off"
        assert scripts[1].applied[-1] == BRIGHT


async def test_a_mirror_that_stops_while_a_device_is_given_back_waits_for_it() -> None:
    script = Script(close_takes_s=0.3)
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        bench.host.pause(True)
        await until(lambda: script.open_now == 0)  # its context is being left
        assert script.closed == 0
        await bench.stop()
        assert script.closed == 1


async def test_switching_on_what_is_on_changes_nothing() -> None:
    script = Script()
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        bench.host.enable("lamp", True)
        bench.host.pause(False)
        await asyncio.sleep(0.2)
        assert (script.opened, script.closed) == (1, 0)


async def test_switching_on_an_unavailable_driver_tries_it_at_once() -> None:
    script = Script(open_fails=Unavailable("away"))
    timing = replace(QUICK, backoff_first_s=600.0, backoff_cap_s=600.0)
    async with hosting(script, timing=timing) as bench:
        await until(lambda: bench.status().state == "unavailable")
        script.open_fails = None
        bench.host.enable("lamp", True)
        await until(lambda: bench.status().state == "ready")


async def test_a_driver_can_be_off_from_the_start() -> None:
    script = Script()
    async with hosting(script, tables={"lamp": {"enabled": False}}) as bench:
        bench.host.wish(BRIGHT)
        await asyncio.sleep(0.1)
        assert (script.tried, bench.status().state) == (0, "off")
        bench.host.enable("lamp", True)
        await until(lambda: script.applied)


async def test_a_driver_that_is_not_there_cannot_be_switched() -> None:
    async with hosting(Script()) as bench:
        with pytest.raises(ConfigError, match="no driver is called lampe; did you mean lamp"):
            bench.host.enable("lampe", True)
