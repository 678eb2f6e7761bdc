"""News from the database: an account's readings, a space's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select

from mirrord.collective.database import Database
from mirrord.collective.figures.told import COLUMNS, collective_of
from mirrord.collective.live.feeds import News
from mirrord.collective.records.adding import reading_query
from mirrord.collective.records.told import reading_of
from mirrord.collective.schema import published, readings


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of one account; the key of each is its session."""

    database: Database
    account: int
    user: str

    async def newest(self) -> int:
        query = (
            select(readings.c.number)
            .where(readings.c.account == self.account)
            .order_by(readings.c.number.desc())
            .limit(1)
        )
        return int(await self.database.read(lambda of: of.scalar(query)) or 0)

    async def after(self, number: int, most: int) -> Sequence[News]:
        query = (
            reading_query()
            .where(readings.c.account == self.account, readings.c.number > number)
            .order_by(readings.c.number)
            .limit(most)
        )
        rows = await self.database.read(lambda of: of.execute(query))
        return [self._news(row) for row in rows]

    async def beyond(self, number: int, ms_number: int, most: int) -> bool:
        """Tell whether too much is newer than a number: too old, or too many."""
        newer = (
            select(readings.c.number)
            .where(readings.c.account == self.account, readings.c.number > number)
            .order_by(readings.c.number)
        )
        oldest = await self.database.read(lambda of: of.scalar(newer.limit(1)))
        if oldest is None:
            return False
        many = await self.database.read(lambda of: of.scalar(newer.offset(most).limit(1)))
        return int(oldest) < ms_number or many is not None

    def _news(self, row: Any) -> News:
        reading = reading_of(row, self.user)
        return News(row.number, reading.session_id, _told("emotion_update", reading))


@dataclass(frozen=True, slots=True)
class Figures:
    """The published figures of a space; a newer one replaces all older ones."""

    database: Database
    space: int

    async def newest(self) -> int:
        query = (
            select(published.c.start)
            .where(published.c.space == self.space, published.c.shown)
            .order_by(published.c.start.desc())
            .limit(1)
        )
        return int(await self.database.read(lambda of: of.scalar(query)) or 0)

    async def after(self, number: int, most: int) -> Sequence[News]:
        query = (
            select(*COLUMNS)
            .where(published.c.space == self.space, published.c.shown)
            .where(published.c.start > number)
            .order_by(published.c.start)
            .limit(most)
        )
        rows = await self.database.read(lambda of: of.execute(query))
        return [
            News(row["start"], "", _told("collective_update", collective_of(row)))
            for row in rows.mappings()
        ]


def _told(kind: str, data: object) -> str:
    """Return a message without its closing brace."""
    return msgspec.json.encode({"type": kind, "data": data}).decode()[:-1]
