"""Spaces and contributions put straight into a database, to be published with a clock of ours."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from mirrord.analytics.aggregate import MEASURES, UNIT
from mirrord.collective.bus import LocalBus
from mirrord.collective.database import Database
from mirrord.collective.folding import GRACE_MS
from mirrord.collective.migrations import upgrade
from mirrord.collective.publishing import TOPIC, Publisher
from mirrord.collective.schema import SUMS, contributions, published, spaces
from tests.collective_kit import url_in

WINDOW_MS = 300_000
START = 1_790_000_100_000 // WINDOW_MS * WINDOW_MS
Mood = tuple[float, ...]  # in the order of MEASURES


@dataclass
class Lab:
    """A database with spaces, and publishers over it."""

    database: Database
    seed: int = 0
    now: int = START
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bus = LocalBus()
        self.bus.listen(TOPIC, self.heard.append)
        self.publisher = self.another()

    def another(self) -> Publisher:
        """Return a publisher such as another process has."""
        return Publisher(self.database, self.bus, lambda: self.now, random.Random(self.seed))

    async def space(
        self, number: int, least: int = 5, epsilon: float = 0.0, window_s: int = 300
    ) -> None:
        row = {
            "space": number,
            "name": f"Space {number}",
            "kind": "gallery",
            "public": True,
            "active": True,
            "least": least,
            "window_s": window_s,
            "epsilon": epsilon,
            "created": 0,
        }
        await self.database.write(lambda to: to.execute(insert(spaces), row))

    async def contribute(
        self, space: int, start: int, moods: Mapping[int, Mood], readings: int = 7
    ) -> None:
        """Let accounts contribute to a window; each number stands for all of its readings."""
        rows = [
            {
                "space": space,
                "start": start,
                "account": account,
                "readings": readings,
                **{
                    name: round(value * UNIT) * readings
                    for name, value in zip(SUMS, mood, strict=True)
                },
            }
            for account, mood in moods.items()
        ]
        if rows:
            await self.database.write(lambda to: to.execute(insert(contributions), rows))

    async def window(self, place: int, groups: Mapping[int, Mapping[int, Mood]]) -> int:
        """Let a window pass in which these contributed to these spaces, and publish it."""
        start = START + place * WINDOW_MS
        for space, moods in groups.items():
            await self.contribute(space, start, moods)
        self.now = start + WINDOW_MS + GRACE_MS
        return await self.publisher.once()

    async def answers(self) -> list[dict[str, Any]]:
        """Return all that anybody could be shown: the published rows, without when."""
        columns = [one for one in published.c if one.name != "at"]
        query = select(*columns).order_by(published.c.space, published.c.start)
        return [
            dict(row) for row in (await self.database.read(lambda of: of.execute(query))).mappings()
        ]

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        found = await self.database.read(lambda of: of.execute(select(table)))
        return [dict(row) for row in found.mappings()]


@asynccontextmanager
async def lab(folder: Path, seed: int = 0, url: str = "") -> AsyncIterator[Lab]:
    """Open a laboratory."""
    async with Database.open(url or url_in(folder, f"lab-{seed}.sqlite3")) as database:
        await upgrade(database)
        yield Lab(database, seed)


def mood(joy: float, calm: float = 0.2) -> Mood:
    """Return a contributor's means, the rest of which lies between."""
    values = {"joy": joy, "calm": calm, "energy": 0.3, "melancholy": 0.1}
    return tuple(values.get(name, 0.25) for name in MEASURES)
