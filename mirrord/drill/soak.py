"""A mirror that is broken at random for as long as you like: does anything grow?

What is fast-forwarded: readings come five times as often as they are kept by default, and the
database begins full, so that old readings have to go for every new one. Time itself is real.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from mirrord.drill.faults import FAULTS, Fault
from mirrord.drill.ledger import Ledger
from mirrord.drill.rig import SimulatedRig, simulated_rig
from mirrord.drill.run import at_work, break_and_mend
from mirrord.drill.trend import Figure, figure
from mirrord.drill.watch import Watch
from mirrord.model import EXPRESSIONS, Reading
from mirrord.mood import affect_of
from mirrord.runtime.beside import beside
from mirrord.store import Store

MAX_MB: Final = 1.0
SAMPLE_S: Final = 2.0
WARM: Final = 0.25  # of the whole, at least: caches fill
_PAUSE_S: Final = (1.0, 8.0)
_OLD: Final = 9000  # readings to begin with
_REMEMBERED: Final = 200  # acknowledged readings; older ones may have made room
_BREAKABLE: Final = tuple(fault for fault in FAULTS if not fault.ends)
# What a figure may grow by within the whole soak without being called growth.
TOLERANCE: Final[Mapping[str, float]] = {
    "memory_mb": 3.0,
    "open_files": 1.0,
    "threads": 1.0,
    "database_mb": 0.05,
}


class Soak(msgspec.Struct, frozen=True):
    """What came of it."""

    passed: bool
    seconds: float
    warm_s: float  # not judged: until everything has been broken once, a quarter at least
    faults: int
    samples: int
    acknowledged: int
    figures: tuple[Figure, ...]
    problems: tuple[str, ...]


async def soak(seconds: float, tell: Callable[[str], None]) -> Soak:
    """Run a mirror for so long. One process lives through it: nothing but power is left out."""
    with tempfile.TemporaryDirectory(prefix="mirror-soak-") as name:
        async with simulated_rig(Path(name), max_mb=MAX_MB) as rig:
            await grow_old(rig.database)
            try:
                return await _soaked(rig, seconds, tell)
            finally:
                await rig.mirror.stop()


async def _soaked(rig: SimulatedRig, seconds: float, tell: Callable[[str], None]) -> Soak:
    loop = asyncio.get_running_loop()
    ledger = Ledger(rig.page, rig.database, _REMEMBERED)
    samples: list[tuple[float, dict[str, float]]] = []
    problems: list[str] = []
    faults, warm_s = 0, 0.0
    first = random.sample(_BREAKABLE, len(_BREAKABLE))  # each once, before anything is judged
    async with at_work(rig) as watch, beside(ledger.run(), "soak ledger"):
        began_s = loop.time()
        async with beside(_sample(rig, began_s, samples), "soak samples"):
            while loop.time() - began_s < seconds:
                fault = first.pop() if first else random.choice(_BREAKABLE)
                faults += 1
                problems += await _break_one(rig, watch, fault, tell)
                warm_s = warm_s if first or warm_s else loop.time() - began_s
                await asyncio.sleep(random.uniform(*_PAUSE_S))
        lost = await asyncio.to_thread(ledger.lost)
        lasted_s = loop.time() - began_s
    if lost:
        problems.append(f"{lost} acknowledged readings were lost")
    warm_s = max(warm_s or lasted_s, WARM * lasted_s)
    kept = [sample for sample in samples if sample[0] > warm_s]
    figures = tuple(
        figure(name, [(at, values[name]) for at, values in kept], most)
        for name, most in TOLERANCE.items()
    )
    problems += [f"{one.name} grows" for one in figures if not one.flat]
    passed = not problems
    return Soak(passed, lasted_s, warm_s, faults, len(kept), ledger.total, figures, tuple(problems))


async def _break_one(
    rig: SimulatedRig, watch: Watch, fault: Fault, tell: Callable[[str], None]
) -> list[str]:
    tell(fault.name)
    _, back_s = await break_and_mend(rig, watch, fault)
    if back_s is None:
        return [f"{fault.name}: not well within {fault.within_s:g} s: {watch.troubles}"]
    return []


async def _sample(
    rig: SimulatedRig, began_s: float, samples: list[tuple[float, dict[str, float]]]
) -> None:
    loop = asyncio.get_running_loop()
    while True:
        with contextlib.suppress(OSError):
            found = await asyncio.to_thread(measured, rig.mirror.pid, rig.database)
            samples.append((loop.time() - began_s, found))
        await asyncio.sleep(SAMPLE_S)


def measured(pid: int, database: Path) -> dict[str, float]:
    """Return what a process and its database take."""
    process = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line
    )
    files = database.parent.glob(f"{database.name}*")
    return {
        "memory_mb": int(status["VmRSS"].split()[0]) / 1024,
        "open_files": float(len(list((process / "fd").iterdir()))),
        "threads": float(status["Threads"]),
        "database_mb": sum(one.stat().st_size for one in files) / 1e6,
    }


async def grow_old(database: Path) -> None:
    """Fill the database with the readings of a past visit, up to what it may hold."""
    shares: dict[str, float] = {name: 1 / len(EXPRESSIONS) for name in EXPRESSIONS}
    affect = affect_of(shares, "pad")
    at = datetime.now(UTC) - timedelta(days=2)
    async with Store.open(database, max_mb=MAX_MB) as store:
        store.start_session("past", at)
        for number in range(_OLD):
            at += timedelta(seconds=1)
            store.add_reading("past", Reading(at, 1, shares, "neutral", 0.9, affect))
            if number % 1000 == 999:
                await store.flush()
        store.end_session("past", at)
        await store.flush()
