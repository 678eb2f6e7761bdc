from __future__ import annotations

import asyncio
import threading
import time

from mirrord.runtime.lag import LagWatch, Stall


def hold(seconds: float) -> None:
    time.sleep(seconds)


async def watched(seconds: float, limit_s: float = 0.2) -> list[Stall]:
    """Hold up the loop in a task of the name "culprit", and return what was noticed."""
    stalls: list[Stall] = []
    watch = asyncio.create_task(LagWatch(stalls.append, limit_s).run())
    await asyncio.sleep(0.05)

    async def culprit() -> None:
        hold(seconds)

    await asyncio.create_task(culprit(), name="culprit")
    await asyncio.sleep(limit_s)
    watch.cancel()
    await asyncio.wait({watch})
    return stalls


async def test_a_stall_is_noticed_once_while_it_lasts_and_named() -> None:
    (stall,) = await watched(1.0)
    assert 0.2 <= stall.seconds < 1.0
    assert stall.task == "culprit"
    assert stall.place.startswith(f"{__name__}:")
    assert stall.modules[0] == __name__


async def test_a_loop_that_only_waits_does_not_stall() -> None:
    stalls: list[Stall] = []
    watch = asyncio.create_task(LagWatch(stalls.append, 0.5).run())
    await asyncio.sleep(1.2)
    watch.cancel()
    await asyncio.wait({watch})
    assert stalls == []


async def test_what_is_short_enough_is_not_named() -> None:
    assert await watched(0.05, limit_s=1.0) == []


async def test_the_watch_ends_with_its_task() -> None:
    await watched(0.0)
    assert "lag watch" not in [thread.name for thread in threading.enumerate()]
