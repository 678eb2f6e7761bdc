"""Processes that the sync's tests kill: the whole store with its threads and sender; the API.

python -m tests.sync_child mirror PATH SESSION    records and sends, and says what is on the disk
python -m tests.sync_child api FOLDER PORT [URL]  serves the collective of a folder or database
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from mirrord.config import parse
from mirrord.runtime.backoff import Backoff
from mirrord.runtime.boot_clock import BootClock
from mirrord.store import Store
from mirrord.sync.link import LinkFile, link_path
from mirrord.sync.post import Post
from mirrord.sync.sender import Sender
from tests.store_kit import reading, response


async def mirror(path: Path, session: str) -> None:
    """Record as fast as can be, end a session now and then, and send all the while."""
    config = parse({"store": {"path": str(path)}, "sync": {"every_s": 1.0}}, "test.toml")
    rng = random.Random(session)
    async with Store.open(path, flush_s=0.02) as store:
        post = Post(store, timeout_s=1.0)
        file = LinkFile(link_path(config))
        clock, backoff = BootClock(lambda: True), Backoff(0.01, 0.1)
        sender = Sender(store, file, lambda: config.sync, clock, post, backoff)
        sending = asyncio.create_task(_send(sender))
        for number in range(10_000):
            name = f"{session} {number // 40}"
            if number % 40 == 0:
                store.start_session(name, datetime.now(UTC))
            moods = {"joy": rng.random(), "calm": rng.random(), "track": number}
            store.add_reading(name, reading(datetime.now(UTC), **moods), response())
            if number % 40 == 39:
                store.end_session(name, datetime.now(UTC))
                await store.flush()
                print(number, flush=True)
            await asyncio.sleep(0.001)
        await sending


async def _send(sender: Sender) -> None:
    while True:
        await sender.turn()
        await asyncio.sleep(0.01)


async def api(folder: Path, port: int, url: str = "") -> None:
    """Serve until killed."""
    from tests.collective_kit import served  # the mirror's process does without all that it needs

    many = 1_000_000
    limits = {"address_per_minute": many, "account_per_minute": many, "mirror_per_minute": many}
    async with served(folder, url, server={"port": port}, limits=limits) as running:
        print(running.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    command, path = sys.argv[1], Path(sys.argv[2])
    if command == "mirror":
        asyncio.run(mirror(path, sys.argv[3]))
    else:
        asyncio.run(api(path, int(sys.argv[3]), *sys.argv[4:5]))


if __name__ == "__main__":
    main()
