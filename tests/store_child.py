"""Processes that the store's tests kill, or starve of disk.

python -m tests.store_child write PATH FIRST    prints the track of every reading that is safe
python -m tests.store_child starve PATH         prints what the store said, as JSON
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mirrord.store import Store
from tests.store_kit import after, all_readings, fill, reading, response

ROOM = 4096  # less than a batch needs


async def write(path: Path, first: int) -> None:
    """Keep readings as fast as they can be kept, and say which are safe."""
    session = f"from {first}"
    async with Store.open(path, flush_s=0.02, max_mb=16) as store:
        store.start_session(session, after(first))
        while True:
            count = random.randint(1, 80)
            await fill(store, count, session, first)
            first += count
            print(first - 1, flush=True)


async def starve(path: Path) -> dict[str, Any]:
    """Fill a disk, see the store pause, make room, see it go on."""
    async with Store.open(path, flush_s=0.05) as store:
        await fill(store, 100)
        _allow(ROOM)
        number = 100
        while store.status.state != "paused":
            for _ in range(50):
                store.add_reading("s", reading(after(number), track=number), response())
                number += 1
            await asyncio.sleep(0.02)
        paused = store.status
        unsafe = await store.set_setting("camera", False)
        held = await store.get_setting("camera")
        _allow(resource.RLIM_INFINITY)
        await _until(lambda: store.status.state == "ok" and not store.status.pending)
        kept = [one.track for one in reversed(await all_readings(store))]
    return {
        "state": paused.state,
        "detail": paused.detail,
        "pending": paused.pending,
        "unsafe": str(unsafe),
        "held": held,
        "complete": kept == list(range(number)),
        "dropped": store.status.dropped,
    }


def _allow(size: int) -> None:
    """Let files grow to `size` bytes: beyond it, a write fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


def main() -> None:
    command, path = sys.argv[1], Path(sys.argv[2])
    if command == "write":
        asyncio.run(write(path, int(sys.argv[3])))
    else:
        print(json.dumps(asyncio.run(starve(path))))


if __name__ == "__main__":
    main()
