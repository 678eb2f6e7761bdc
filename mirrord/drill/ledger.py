"""What the mirror has acknowledged, held against what it has kept."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final

import aiohttp

from mirrord.store.opening import open_for_reading

SESSION: Final = "drill"
_EVERY_S: Final = 0.5
_PATIENCE_S: Final = 8.0
_MOODS: Final = (
    {"joy": 0.8, "calm": 0.1, "energy": 0.1, "melancholy": 0.0},
    {"joy": 0.0, "calm": 0.2, "energy": 0.1, "melancholy": 0.7},
)


class Ledger:
    """Gives the mirror readings over REST, and wishes; notes what it says that it has kept.

    `most`: how many acknowledged readings are remembered, the newest.
    """

    def __init__(self, page: str, database: Path, most: int | None = None) -> None:
        self._page = page
        self._database = database
        self.acknowledged: deque[str] = deque(maxlen=most)
        self.total = 0
        self.slowest_s = 0.0  # answer of the page

    async def run(self) -> None:
        """Give for ever."""
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
        async with aiohttp.ClientSession(self._page, timeout=timeout) as http:
            for number in itertools.count():
                with suppress(aiohttp.ClientError, TimeoutError):
                    await self._give(http, number)
                await asyncio.sleep(_EVERY_S)

    async def _give(self, http: aiohttp.ClientSession, number: int) -> None:
        mood = _MOODS[number // 4 % 2]
        reading = {"session_id": SESSION, **mood}
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        async with http.get("/state") as answer:
            await answer.read()
        self.slowest_s = max(self.slowest_s, loop.time() - began_s)
        if number % 4 == 0:
            async with http.post("/control", json={"hand": mood}) as answer:
                await answer.read()
        async with http.post("/emotions/api/readings/", json=reading) as answer:
            if answer.status == 201:
                self.acknowledged.append((await answer.json())["data"]["id"])
                self.total += 1

    def lost(self) -> int:
        """Return how many acknowledged readings are not in the file. Blocking."""
        database = open_for_reading(self._database, 20.0)
        try:
            query = "SELECT id FROM emotion_readings WHERE session_id = ?"
            kept = {str(row[0]) for row in database.execute(query, [SESSION])}
        finally:
            database.close()
        return sum(one not in kept for one in self.acknowledged)
