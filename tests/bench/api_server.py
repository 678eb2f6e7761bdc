"""The page with a store of readings, for the load: `python -m tests.bench.api_server READINGS`.

Prints its address. Each line of its input is a number of readings, announced one every half second.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mirrord.web.emotions import announce
from tests.api_kit import Served, respond_by_hand, seen, served

EVERY_S = 0.5
SESSION = "bench"


async def main(readings: int) -> None:
    """Serve until the input ends."""
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder), flush_s=60) as page:
            await _fill(page, readings)
            print(page.url, flush=True)
            while line := await asyncio.to_thread(sys.stdin.readline):
                for _ in range(int(line)):
                    announce(page.rooms, SESSION, seen())
                    await asyncio.sleep(EVERY_S)


async def _fill(page: Served, readings: int) -> None:
    now = datetime.now(UTC)
    for number in range(readings):
        reading = seen("sad" if number % 3 else "happy", now - timedelta(seconds=readings - number))
        page.store.add_reading(f"s{number // 1000}", reading, respond_by_hand(reading.affect))
        if number % 5000 == 4999:  # no more than the store holds in memory
            await page.store.flush()
    await page.store.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
