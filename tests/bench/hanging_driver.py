"""One driver hangs: how late are the others? From the wish to the command at three HTTP servers.

Three drivers steer three lamps over HTTP; a fourth does nothing, or hangs in `apply` and ignores
being cancelled, or has its blocking library stuck in a thread. Runs alternate, so that whatever
else the machine does falls on all of them; the ratios are of runs side by side.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from operator import truediv
from pathlib import Path
from statistics import median

from mirrord.driver import Driver, Host, Plugin, Worker
from mirrord.driver_host import DriverHost
from mirrord.testing import BRIGHT
from tests.bench.process import quantiles, table
from tests.fakes.driver_lamp import plugin as lamp
from tests.fakes.driver_scripted import Nothing, Script, scripted
from tests.fakes.lamp_peer import LampPeer

LAMPS = 3
WISHES = 200
EVERY_S = 0.01
REPEATS = 9
FOURTH = ("does nothing", "hangs, deaf to cancellation", "is stuck in its thread")


class TimedLamp(LampPeer):
    """Notes when each wish arrives; a wish is known by its level."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: dict[float, float] = {}

    def obey(self, wanted: dict[str, object]) -> None:
        super().obey(wanted)
        self.arrived[float(str(wanted["level"]))] = time.perf_counter()


def stuck(release: threading.Event) -> Plugin[Nothing]:
    """Return a driver whose library never comes back."""

    @asynccontextmanager
    async def open_it(_config: Nothing, _host: Host) -> AsyncIterator[Driver]:
        async with Worker("stuck") as worker:
            yield Stuck(worker, release)

    return Plugin("fourth", "The fourth", Nothing, open_it)


class Stuck:
    def __init__(self, worker: Worker, release: threading.Event) -> None:
        self.worker = worker
        self.release = release

    async def apply(self, _environment: object) -> None:
        await self.worker.call(9.0, self.release.wait, 30.0)


async def run(fourth: str) -> list[float]:
    """Return the milliseconds from each wish to its arrival at each lamp."""
    release = threading.Event()
    script = Script(apply_takes_s=30.0, deaf=True) if "deaf" in fourth else Script()
    other = stuck(release) if "thread" in fourth else scripted(script, "fourth")
    async with AsyncExitStack() as stack:
        lamps = [await stack.enter_async_context(TimedLamp()) for _ in range(LAMPS)]
        tables = {f"lamp{n}": {"url": one.url} for n, one in enumerate(lamps)} | {"fourth": {}}
        host = DriverHost(
            tables,
            Path("state"),
            {},
            lambda: None,
            lambda _name, _values: None,
            "bench",
            {**dict.fromkeys(tables, lamp), "fourth": other},
        )
        running = asyncio.create_task(host.run())
        wished = await _wish(host)
        script.deaf = False
        release.set()
        running.cancel()
        await asyncio.wait({running})
        # A wish that was overtaken before it was sent has no arrival.
        return [
            (one.arrived[level] - at) * 1000.0
            for one in lamps
            for level, at in wished.items()
            if level in one.arrived
        ]


async def _wish(host: DriverHost) -> dict[float, float]:
    while sum(status.state == "ready" for status in host.status) < LAMPS:
        await asyncio.sleep(0.01)
    host.wish(BRIGHT)
    await asyncio.sleep(0.2)
    wished = {}
    for n in range(WISHES):
        level = n / 1000.0
        wished[level] = time.perf_counter()
        host.wish(replace(BRIGHT, lighting_intensity=level))
        await asyncio.sleep(EVERY_S)
    await asyncio.sleep(0.2)
    return wished


def report(repeats: int = REPEATS) -> str:
    """Return the table: medians over the repeats, of the ratios to none hanging too."""
    p50s: dict[str, list[float]] = {fourth: [] for fourth in FOURTH}
    p99s: dict[str, list[float]] = {fourth: [] for fourth in FOURTH}
    for repeat in range(repeats):
        for fourth in FOURTH[repeat % 3 :] + FOURTH[: repeat % 3]:
            p50, p99 = quantiles(asyncio.run(run(fourth)))
            p50s[fourth].append(p50)
            p99s[fourth].append(p99)
    rows = [
        [
            fourth,
            f"{median(p50s[fourth]):.2f} ms",
            f"{median(p99s[fourth]):.2f} ms",
            f"{median(map(truediv, p99s[fourth], p99s[FOURTH[0]])):.2f}x",
        ]
        for fourth in FOURTH
    ]
    head = ("the fourth driver", "others' p50", "others' p99", "p99 to none hanging")
    return table("One driver hanging: wish to command at the others", head, rows)


if __name__ == "__main__":
    print(report(int(sys.argv[1]) if sys.argv[1:] else REPEATS))
