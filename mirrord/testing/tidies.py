"""Checks of manners: closing in time, leaving nothing behind, blocking nobody."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirrord.driver import Environment
from mirrord.driver_host.session import Session
from mirrord.testing.rig import NotConforming, Rig

BLOCKED_S = 0.5
CYCLES = 3
GRACE_S = 2.0
TICK_S = 0.02


async def closes_in_time(rig: Rig) -> None:
    """Closing ends within its deadline: at rest, in the middle of an apply, and in a hang."""
    await _closes(rig, "at rest", hang=False)
    await _closes(rig, "while the device hangs and an apply waits for it", hang=True)


async def leaves_nothing_behind(rig: Rig) -> None:
    """After closing there is no thread, task or open file that was not there before.

    What libraries make once and keep is forgiven: a first opening does not count.
    """
    await _cycle(rig)
    before = _Belongings()
    for _ in range(CYCLES):
        await _cycle(rig)
    end = time.monotonic() + GRACE_S
    while (left := before.left()) and time.monotonic() < end:
        await asyncio.sleep(0.05)
    if left:
        raise NotConforming(f"{CYCLES} openings and closings left behind {left}")


async def never_blocks_the_loop(rig: Rig) -> None:
    """Whatever the device does, other drivers go on: nothing blocks the event loop."""
    async with _watched() as longest:
        async with rig.opened() as session:
            await rig.apply(session, rig.bright)
            await rig.peer.ask("hang")
            await rig.attempt(session.apply(rig.dim, rig.terms.apply_s))
        await rig.peer.ask("resume")
        await rig.peer.ask("stop")
        session = rig.session()
        await rig.attempt(session.open(rig.terms.open_s))
        await session.close(rig.terms.close_s)
    if longest[0] > BLOCKED_S:
        raise NotConforming(
            f"the event loop stood still for {longest[0]:.1f} s: make blocking calls in a "
            "mirrord.driver.Worker"
        )


async def _closes(rig: Rig, when: str, *, hang: bool) -> None:
    session = rig.session()
    await rig.attempt(session.open(rig.terms.open_s))
    await rig.attempt(session.apply(rig.bright, rig.terms.apply_s))
    applying = None
    if hang:
        await rig.peer.ask("hang")
        applying = asyncio.create_task(_quietly(session, rig.dim))
        await asyncio.sleep(0.1)
    started = time.monotonic()
    left = await session.close(rig.terms.close_s)
    took_s = time.monotonic() - started
    if hang:
        await rig.peer.ask("resume")
    if applying is not None:
        await applying
    if left or took_s > rig.terms.close_s:
        raise NotConforming(
            f"{when}, closing took more than {rig.terms.close_s:g} s: "
            "give up on a device that does not answer"
        )


async def _quietly(session: Session, wish: Environment) -> None:
    try:
        await session.apply(wish, 60.0)
    except Exception:  # cut short on purpose
        return


async def _cycle(rig: Rig) -> None:
    async with rig.opened() as session:
        await rig.apply(session, rig.bright)
        await rig.apply(session, rig.dim)


class _Belongings:
    """The threads, the tasks of this loop, and the open files of this process."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._tasks = asyncio.all_tasks()
        self._files = _open_files()

    def left(self) -> str:
        """Name what has come since."""
        threads = [t.name for t in threading.enumerate() if t not in self._threads]
        tasks = [repr(t.get_coro()) for t in asyncio.all_tasks() - self._tasks]
        files = _open_files() - self._files
        said = []
        if threads:
            said.append(f"threads: {', '.join(threads)}")
        if tasks:
            said.append(f"tasks: {', '.join(tasks)}")
        if files > 0:
            said.append(f"{files} open files or sockets")
        return "; ".join(said)


def _open_files() -> int:
    """Return the number of file descriptors; 0 where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 0


@asynccontextmanager
async def _watched() -> AsyncIterator[list[float]]:
    """Measure the longest time that the loop stood still, in seconds.

    What a thread beside it stood still meanwhile is the machine's, and is taken off.
    """
    longest = [0.0]
    machine = _Machine()

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(TICK_S)
            stood = time.monotonic() - before - TICK_S
            longest[0] = max(longest[0], stood - machine.stood())

    ticking = asyncio.create_task(tick())
    try:
        yield longest
    finally:
        ticking.cancel()
        await asyncio.wait({ticking})
        machine.end()


class _Machine:
    """A thread that only sleeps, and tells by how much it overslept."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._overslept = 0.0
        self._thread = threading.Thread(target=self._run, name="watches the machine", daemon=True)
        self._thread.start()

    def stood(self) -> float:
        """Return how long it overslept, all in all, since it was asked last."""
        overslept, self._overslept = self._overslept, 0.0
        return overslept

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(TICK_S):
            now = time.monotonic()
            self._overslept += max(0.0, now - before - TICK_S)
            before = now
