"""Implements `mirrord.api.records.Records` over the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics import Bucket, Whole
from mirrord.api.asked import NewReading, NewSession
from mirrord.api.caller import Caller
from mirrord.api.records import (
    Chosen,
    EnvironmentResponse,
    Found,
    Reading,
    ReadingMade,
    Session,
    Totals,
    Width,
    Window,
)
from mirrord.collective.caller import Member, member
from mirrord.collective.database import Database
from mirrord.collective.folding import hold
from mirrord.collective.numbers import now_ms
from mirrord.collective.records import adding, lists, sums
from mirrord.collective.records.naming import open_session, session_row
from mirrord.collective.records.told import SESSION, reading_of, response_of, session_of
from mirrord.collective.schema import readings, sessions

Tell = Callable[[int, Reading], Awaitable[None]]


class CollectiveRecords:
    """The records of whoever asks. `tell` is told of every reading, with its account."""

    def __init__(self, database: Database, tell: Tell) -> None:
        self._database = database
        self._tell = tell

    async def readings(self, caller: Caller, chosen: Chosen, window: Window) -> Found[Reading]:
        who = member(caller)
        user = who.username
        return await self._database.read(
            lambda of: lists.readings(
                of, who.account, chosen, window, lambda r: reading_of(r, user)
            )
        )

    async def reading(self, caller: Caller, reading_id: UUID) -> Reading | None:
        who = member(caller)
        which = (readings.c.account == who.account) & (readings.c.id == reading_id)
        query = adding.reading_query().where(which)
        row = (await self._database.read(lambda of: of.execute(query))).first()
        return reading_of(row, who.username) if row else None

    async def add_reading(self, caller: Caller, new: NewReading) -> ReadingMade:
        who = member(caller)
        row, stored = await self._database.write(lambda to: adding.add_reading(to, who, new))
        reading = reading_of(row, who.username)
        if stored:
            await self._tell(who.account, reading)
        fields = msgspec.structs.asdict(reading)
        return ReadingMade(**fields, environment_response=response_of(row))

    async def responses(
        self, caller: Caller, chosen: Chosen, window: Window
    ) -> Found[EnvironmentResponse]:
        who = member(caller)
        return await self._database.read(
            lambda of: lists.readings(of, who.account, chosen, window, response_of)
        )

    async def sessions(self, caller: Caller, active: bool | None, window: Window) -> Found[Session]:
        who = member(caller)
        return await self._database.read(
            lambda of: lists.sessions_of(of, who.account, who.username, active, window)
        )

    async def session(self, caller: Caller, session_id: str) -> Session | None:
        who = member(caller)
        row = await self._database.read(
            lambda of: session_row(of, who.account, session_id, *SESSION)
        )
        return session_of(row, who.username) if row else None

    async def add_session(self, caller: Caller, new: NewSession) -> Session | None:
        who = member(caller)

        async def job(to: AsyncConnection) -> bool:
            await hold(to, who.account)
            more: dict[str, Any] = {
                "device_type": new.device_type,
                "browser": new.browser,
                "location_country": new.location_country,
            }
            _, made = await open_session(to, who.account, new.session_id, now_ms(), **more)
            return made

        made = await self._database.write(job)
        return await self.session(who, new.session_id) if made else None

    async def end_session(self, caller: Caller, session_id: str) -> Session | None:
        who = member(caller)
        await self._database.write(lambda to: _end(to, who, session_id))
        return await self.session(who, session_id)

    async def buckets(self, caller: Caller, width: Width, chosen: Chosen) -> Sequence[Bucket]:
        who = member(caller)
        return await self._database.read(lambda of: sums.buckets(of, who.account, width, chosen))

    async def whole(self, caller: Caller, session_id: str) -> Whole | None:
        who = member(caller)
        return await self._database.read(lambda of: sums.whole(of, who.account, session_id))

    async def totals(self, caller: Caller) -> Totals:
        who = member(caller)
        return await self._database.read(lambda of: sums.totals(of, who.account))


async def _end(to: AsyncConnection, who: Member, session_id: str) -> None:
    columns = (sessions.c.session, sessions.c.is_active, sessions.c.last_activity)
    row = await session_row(to, who.account, session_id, *columns)
    if row is None or not row.is_active:
        return
    which = (sessions.c.account == who.account) & (sessions.c.session == row.session)
    last = max(int(row.last_activity), now_ms())
    await to.execute(update(sessions).where(which).values(is_active=False, last_activity=last))
