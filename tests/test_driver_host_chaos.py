"""The driver host: everything at once, by chance."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from mirrord.driver import (
    Environment,
    Refused,
    Unavailable,
)
from mirrord.testing import BETWEEN, BRIGHT, DIM
from tests.driver_host_kit import QUICK, hosting
from tests.fakes.driver_scripted import Script
from tests.waiting import until

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_a_device_is_open_once_and_closed_in_the_end(seed: int) -> None:
    rng = random.Random(seed)
    script, sibling = Script(), Script()
    errors: list[BaseException] = [
        Unavailable("a"),
        Refused("b"),
        KeyError("c"),
        asyncio.CancelledError(),
    ]
    wishes: list[Environment] = [BRIGHT, BETWEEN, DIM, replace(BRIGHT, present=False)]
    async with hosting(script, sibling, timing=replace(QUICK, heartbeat_s=0.02)) as bench:
        for _ in range(150):
            step = rng.randrange(6)
            if step == 0:
                script.open_fails = rng.choice([None, None, *errors])
            elif step == 1:
                script.apply_fails = rng.choice([None, None, *errors])
            elif step == 2:
                script.apply_takes_s, script.close_takes_s = rng.random() / 50, rng.random() / 50
            elif step == 3:
                bench.host.enable("lamp", rng.random() < 0.7)
            elif step == 4:
                bench.host.pause(rng.random() < 0.3)
            bench.host.wish(rng.choice(wishes))
            await asyncio.sleep(rng.random() / 100)
            assert script.open_now in (0, 1)
        script.open_fails = script.apply_fails = None
        bench.host.wish(replace(DIM, particle_count=777))
        bench.host.pause(False)
        for switch in (False, True):
            bench.host.enable("lamp", switch)
        await until(lambda: script.applied and script.applied[-1].particle_count == 777)
        await until(lambda: sibling.applied[-1].particle_count == 777)
    assert script.opened == script.closed
    assert script.open_now == 0
