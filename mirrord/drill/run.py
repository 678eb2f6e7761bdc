"""One fault after another, and whether the mirror kept its promises meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from mirrord.drill.faults import Fault
from mirrord.drill.ledger import Ledger
from mirrord.drill.rig import Rig, SimulatedRig
from mirrord.drill.watch import BEAT_S, Watch
from mirrord.errors import MirrorError
from mirrord.runtime.beside import beside

START_S: Final = 90.0
WAIT_S: Final = 5.0  # for the next look
SLOW_S: Final = 3.0  # within which the page has to answer, whatever else is broken


class Outcome(msgspec.Struct, frozen=True):
    """What came of one fault. Times are in seconds; None: it did not come."""

    fault: str
    how: str
    noticed_s: float | None
    back_s: float | None
    within_s: float
    lost: int
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


class Report(msgspec.Struct, frozen=True):
    """A whole drill. `acknowledged` is how much the mirror said that it had kept."""

    room: str
    passed: bool
    acknowledged: int
    restored: bool | None  # every device as it was found; None in a real room: nobody can tell
    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...] = ()


Told = Callable[[str], None]


async def simulated_drill(rig: SimulatedRig, faults: Sequence[Fault], tell: Told) -> Report:
    """Break each thing in the simulated room."""
    found = rig.found()
    ledger = Ledger(rig.page, rig.database)
    try:
        async with at_work(rig) as watch, beside(ledger.run(), "drill ledger"):
            outcomes = [await _one(rig, watch, fault, tell, ledger) for fault in faults]
    finally:
        status = await rig.mirror.stop()
    lost = await asyncio.to_thread(ledger.lost)
    restored = rig.found() == found
    problems = [
        *([f"the mirror ended with status {status}"] if status else []),
        *([f"{lost} acknowledged readings are not in the file"] if lost else []),
        *([] if restored else ["devices are not as they were found"]),
        *([] if ledger.total else ["nothing was acknowledged"]),
    ]
    passed = not problems and all(one.passed for one in outcomes)
    return Report("simulated", passed, ledger.total, restored, tuple(outcomes), tuple(problems))


async def real_drill(rig: Rig, faults: Sequence[Fault], tell: Told) -> Report:
    """Break what can be broken without harm to the devices of a real room."""
    try:
        async with at_work(rig) as watch:
            outcomes = [await _one(rig, watch, fault, tell, None) for fault in faults]
            kept = (await rig.mirror.flush())["readings"]
    finally:
        await rig.mirror.stop()
    return Report("real", all(one.passed for one in outcomes), kept, None, tuple(outcomes))


@asynccontextmanager
async def at_work(rig: Rig) -> AsyncIterator[Watch]:
    """Start the mirror, and yield a watch on it once all of it works. Raises MirrorError."""
    await rig.mirror.start()
    watch = Watch(rig.mirror)
    try:
        async with beside(watch.run(), "drill watch"):
            first = {"camera": 0} if isinstance(rig, SimulatedRig) else {}
            if await watch.until(lambda: watch.works_again({"*"}, first), START_S) is None:
                raise MirrorError(f"the mirror is not well to begin with: {_said(rig, watch)}")
            yield watch
    finally:
        if rig.mirror.running and watch.newest is None:
            await rig.mirror.kill()


async def _one(rig: Rig, watch: Watch, fault: Fault, tell: Told, ledger: Ledger | None) -> Outcome:
    tell(f"{fault.name}: {fault.how}")
    before = await _kept(rig)
    noticed_s, back_s = await break_and_mend(rig, watch, fault)
    lost = await asyncio.to_thread(ledger.lost) if ledger else 0
    if ledger is None and (after := await _kept(rig)) < before:
        lost = before - after
    problems = [*_judged(watch, fault, noticed_s, back_s)]
    if lost:
        problems.append(f"{lost} acknowledged readings were lost")
    if ledger and not fault.ends and ledger.slowest_s > SLOW_S:
        problems.append(f"the page took {ledger.slowest_s:.1f} s to answer")
    if ledger:
        ledger.slowest_s = 0.0
    noticed_s, back_s = (None if one is None else round(one, 1) for one in (noticed_s, back_s))
    within_s = fault.within_s
    return Outcome(fault.name, fault.how, noticed_s, back_s, within_s, lost, tuple(problems))


async def break_and_mend(rig: Rig, watch: Watch, fault: Fault) -> tuple[float | None, float | None]:
    """Return after how long health named the fault, and after how long all was well again."""
    loop = asyncio.get_running_loop()
    watch.begin()
    began_s, noticed_s = loop.time(), None
    await fault.do(rig)
    try:
        if fault.noticed_s is not None and await watch.until(
            lambda: bool(watch.span.troubled.keys() & fault.touches), fault.noticed_s
        ):
            noticed_s = loop.time() - began_s
        await asyncio.sleep(fault.hold_s)
    finally:
        await fault.mend(rig)
    mended_s = loop.time()
    await watch.until(lambda: True, WAIT_S)  # what was done until now counts for nothing
    working = watch.span.first
    before = dict.fromkeys(working, 0) if fault.ends else watch.done_of(working)
    if await watch.until(lambda: watch.works_again(fault.touches, before), fault.within_s) is None:
        return noticed_s, None
    return noticed_s, loop.time() - mended_s


def _judged(watch: Watch, fault: Fault, noticed_s: float | None, back_s: float | None) -> list[str]:
    """Return which promises were not kept."""
    problems = []
    if fault.noticed_s is not None and noticed_s is None:
        problems.append(f"not noticed within {fault.noticed_s:g} s")
    if back_s is None:
        problems.append(f"not well within {fault.within_s:g} s: {watch.troubles}")
    if fault.ends:
        return problems
    span = watch.span
    for part in span.troubled.keys() - fault.touches:
        problems.append(f"{part} was affected: {span.troubled[part]}")
    lasted_s = (noticed_s or 0.0) + fault.hold_s + (back_s or 0.0)
    if lasted_s > BEAT_S:
        problems += [f"{one} did nothing" for one in span.idle() if one not in fault.touches]
    return problems


async def _kept(rig: Rig) -> int:
    """Return how many readings the mirror says are on the disk; 0 if it does not say."""
    with contextlib.suppress(MirrorError):
        return int((await rig.mirror.flush())["readings"])
    return 0


def _said(rig: Rig, watch: Watch) -> str:
    troubles = "; ".join(watch.troubles.values())
    return troubles or next(iter([*rig.mirror.said][-1:]), "it says nothing")
