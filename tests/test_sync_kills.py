"""Real processes, killed with -9 at any moment: the mirror, and the API half as often.

`make soak-sync` kills a hundred.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sync_kit import Device, SimClock
from tests.sync_peer import peer

MIRRORS = int(os.environ.get("KILLS", "4"))
EVERY = 2  # after so many deaths of the mirror the API dies, too


@asynccontextmanager
async def process(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of `tests.sync_child` until it says something; kill it in the end."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.sync_child", *words, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        assert await child.stdout.readline()
        yield child
    finally:
        child.send_signal(signal.SIGKILL)
        await child.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.timeout(900)
async def test_whoever_is_killed_the_two_ends_agree(tmp_path: Path) -> None:
    rng, port = random.Random(), free_port()
    folder, path = tmp_path / "there", tmp_path / "here" / "mirror.sqlite3"
    folder.mkdir()
    device = await enrolled(folder, path, port)
    for number in range(0, MIRRORS, EVERY):
        async with process("api", str(folder), str(port)):
            for more in range(EVERY):
                async with process("mirror", str(path), f"life {number + more}"):
                    await asyncio.sleep(rng.uniform(0.0, 0.5))
    async with peer(folder) as there:
        device = reopened(path, there.api.url, device.account)
        await device.settle()
        await there.check(device)
        assert len(device.held()[2]) >= MIRRORS
        device.close()


async def enrolled(folder: Path, path: Path, port: int) -> Device:
    """Make the collective's database with an account, and a device that is linked with it."""
    async with peer(folder) as there:
        device = Device(path)
        await there.link(device, f"http://127.0.0.1:{port}", 1)
        device.close()
    return device


def reopened(path: Path, url: str, account: int) -> Device:
    """Open what the killed mirror has left, and let it ask where the API is now."""
    device = Device(path, SimClock(datetime.now(UTC)), timeout_s=30.0)
    link = device.file.read()
    assert link is not None
    device.file.write(link.changed(url=url))
    device.account = account
    return device
