"""Every test leaves the house as it found it: no thread, no process, no task."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from mirrord.credentials import secrets
from mirrord.web import make_app, serve
from tests.fakes.hue import Home
from tests.fakes.mirror import FakeMirror
from tests.fakes.mosquitto import Mosquitto

# How fast a shared machine draws examples says nothing of what is tested.
settings.register_profile(
    "mirror", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mirror")

# Collecting imports everything, and keeps it: looking for garbage among it is in vain.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


# What was started by a test may need a moment to end.
GRACE_S = 5.0
# Threads that a library keeps for the life of the process.
KEPT = ("asyncio_", "ThreadPoolExecutor", "pydevd", "hypothesis")


def threads() -> set[str]:
    return {
        f"{one.name} ({one.ident})"
        for one in threading.enumerate()
        if one is not threading.main_thread() and not one.name.startswith(KEPT)
    }


def processes() -> set[str]:
    """Return our children that still live, with their command lines."""
    found = set()
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            children = listing.read_text().split()
        except (FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            continue
        for pid in children:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if command:  # a zombie has none
                found.add(f"{pid}: {command[:120]}")
    return found


def settled(now: Callable[[], set[str]], before: set[str]) -> set[str]:
    """Return what is left beyond `before` after the grace period."""
    end = time.monotonic() + GRACE_S
    while (left := now() - before) and time.monotonic() < end:
        time.sleep(0.02)
    return left


@pytest.fixture(autouse=True)
def leaves_no_thread_and_no_process() -> Iterator[None]:
    """Fail a test that leaves a thread or a process behind.

    What fixtures of a module or a session started was there before, and stays.
    """
    before = threads(), processes()
    yield
    left = settled(threads, before[0]) | settled(processes, before[1])
    assert not left, f"left behind: {', '.join(sorted(left))}"


@pytest.fixture(autouse=True)
async def leaves_no_task() -> AsyncIterator[None]:
    """Fail a test that leaves a task running on its loop."""
    before = asyncio.all_tasks()
    yield
    end = asyncio.get_running_loop().time() + GRACE_S
    left: set[asyncio.Task[Any]] = asyncio.all_tasks() - before - {asyncio.current_task()}
    while left and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.02)
        left = {task for task in left if not task.done()}
    assert not left, f"left behind: {', '.join(task.get_name() for task in left)}"


# A password is stretched for a tenth of a second on purpose, and hundreds of tests sign in.
IN_EARNEST = secrets._hasher
BRIEFLY = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def stretch_with(hasher: PasswordHasher) -> None:
    secrets._hasher = hasher
    secrets._nobodys.cache_clear()  # made with the one before


@pytest.fixture(scope="session", autouse=True)
def stretched_briefly() -> Iterator[None]:
    stretch_with(BRIEFLY)
    yield
    stretch_with(IN_EARNEST)


@pytest.fixture
def stretched_in_earnest() -> Iterator[None]:
    """For tests of the stretching itself."""
    stretch_with(IN_EARNEST)
    yield
    stretch_with(BRIEFLY)


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a mirror keeps in the test's own folder."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """What a mirror keeps for the driver of Hue lamps."""
    return Home(tmp_path)


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """A real broker that lets everybody in."""
    async with Mosquitto(tmp_path) as one:
        yield one


@pytest.fixture
def mirror() -> FakeMirror:
    """A mirror without a camera, for the page to show."""
    return FakeMirror()


@pytest_asyncio.fixture
async def session(mirror: FakeMirror) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of that mirror's page, which is served for the length of the test."""
    async with (
        serve(make_app(mirror), "127.0.0.1", 0) as address,
        aiohttp.ClientSession(address) as session,
    ):
        yield session
