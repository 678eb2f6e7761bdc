"""The device's own records, as the resources ask for them.

Everything on a device belongs to its household: whoever may read, reads all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from sqlite_utils import Database

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
from mirrord.api.rooms import Rooms
from mirrord.health import Health
from mirrord.model import Affect, Environment
from mirrord.mood import affect_by_hand
from mirrord.runtime import wall
from mirrord.store import Store, counts, merged, queries, sums, windows
from mirrord.store.codec import row_by_hand, to_ms
from mirrord.store.entries import ReadingTaken, SessionEnded, SessionMade, SessionStarted
from mirrord.store.records import ReadingRecord, ResponseRecord, SessionRecord

T = TypeVar("T")
R = TypeVar("R")
_WEB = "web"  # the device type of what is given by hand


class DeviceRecords:
    """Implements `mirrord.api.records.Records` over the store; tells the rooms what is added.

    `respond` says how the room would answer a mood; `ending` is called before a session is ended,
    so that the mirror does not go on with it; `health` says how the mirror is.
    """

    def __init__(
        self,
        store: Store,
        rooms: Rooms,
        respond: Callable[[Affect], Environment],
        ending: Callable[[str], None],
        health: Callable[[], Health] = Health,
    ) -> None:
        self._store = store
        self._rooms = rooms
        self._respond = respond
        self._ending = ending
        self._health = health

    async def readings(self, caller: Caller, chosen: Chosen, window: Window) -> Found[Reading]:
        del caller
        wanted = _window(window)
        found = await self._store.ask(
            lambda database: windows.readings(database, chosen.session_id, chosen.since, wanted)
        )
        return _found(found, reading_of)

    async def reading(self, caller: Caller, reading_id: UUID) -> Reading | None:
        del caller
        record = await self._store.ask(lambda database: windows.reading(database, reading_id))
        return None if record is None else reading_of(record)

    async def add_reading(self, caller: Caller, new: NewReading) -> ReadingMade:
        affect = affect_by_hand(new.joy, new.calm, new.energy, new.melancholy)
        now = wall.now()
        row = row_by_hand(now, affect, self._respond(affect), now, caller.user)
        entry = ReadingTaken(new.session_id, row, _WEB)
        await self._store.put(entry)
        reading, response = await self._store.ask(lambda database: _pair(database, entry.number))
        self._rooms.publish(reading_of(reading))
        return _made(reading_of(reading), response_of(response))

    async def responses(
        self, caller: Caller, chosen: Chosen, window: Window
    ) -> Found[EnvironmentResponse]:
        del caller
        wanted = _window(window)
        found = await self._store.ask(
            lambda database: windows.responses(database, chosen.session_id, wanted)
        )
        return _found(found, response_of)

    async def sessions(self, caller: Caller, active: bool | None, window: Window) -> Found[Session]:
        del caller
        wanted = _window(window)
        found = await self._store.ask(lambda database: windows.sessions(database, active, wanted))
        return _found(found, session_of)

    async def session(self, caller: Caller, session_id: str) -> Session | None:
        del caller
        record = await self._store.ask(lambda database: windows.session(database, session_id))
        return None if record is None else session_of(record)

    async def add_session(self, caller: Caller, new: NewSession) -> Session | None:
        at = to_ms(wall.now())
        begins = SessionStarted(
            new.session_id, at, new.device_type, caller.user, new.browser, new.location_country
        )
        entry = SessionMade(begins)
        await self._store.put(entry)
        return await self.session(caller, new.session_id) if entry.made else None

    async def end_session(self, caller: Caller, session_id: str) -> Session | None:
        await self._store.flush()  # it may have begun just now
        found = await self.session(caller, session_id)
        if found is None or not found.is_active:
            return found
        self._ending(session_id)
        await self._store.put(SessionEnded(session_id, to_ms(wall.now())))
        return await self.session(caller, session_id)

    async def buckets(self, caller: Caller, width: Width, chosen: Chosen) -> list[Bucket]:
        del caller
        wanted = queries.Chosen(chosen.session_id, chosen.since, chosen.until)
        return await self._store.ask(
            lambda database: merged.buckets(database, width, wanted, chosen.together)
        )

    async def whole(self, caller: Caller, session_id: str) -> Whole | None:
        del caller
        return await self._store.ask(lambda database: sums.whole(database, session_id))

    async def totals(self, caller: Caller) -> Totals:
        del caller
        now = wall.now()
        found = await self._store.ask(lambda database: counts.totals(database, now))
        status = self._store.status
        problem = status.detail if status.state == "paused" else ""
        return Totals(
            found.readings,
            found.responses,
            found.sessions,
            found.active_sessions,
            found.readings_last_hour,
            found.responses_last_hour,
            status.oldest,
            problem,
            self._health(),
        )


def reading_of(record: ReadingRecord) -> Reading:
    """Return a stored reading as the resources tell it."""
    return Reading(
        record.id,
        record.session_id or "",
        record.user,
        record.joy,
        record.calm,
        record.energy,
        record.melancholy,
        record.timestamp,
        record.dominant_emotion,
        record.emotion_intensity,
        record.expression,
        record.confidence,
        record.valence,
        record.arousal,
    )


def response_of(record: ResponseRecord) -> EnvironmentResponse:
    """Return a stored response as the resources tell it."""
    names = EnvironmentResponse.__struct_fields__
    told = {name: getattr(record, name) for name in names}
    return EnvironmentResponse(**{**told, "session_id": record.session_id or ""})


def session_of(record: SessionRecord) -> Session:
    """Return a stored session as the resources tell it."""
    return Session(**{name: getattr(record, name) for name in Session.__struct_fields__})


def _made(reading: Reading, response: EnvironmentResponse) -> ReadingMade:
    fields = {name: getattr(reading, name) for name in Reading.__struct_fields__}
    return ReadingMade(**fields, environment_response=response)


def _window(window: Window) -> windows.Window:
    return windows.Window(window.size, window.skip, window.before, window.after)


def _found(stretch: windows.Stretch, told: Callable[[T], R]) -> Found[R]:
    records: Sequence[T] = stretch.records
    return Found(stretch.count, [told(record) for record in records], stretch.numbers)


def _pair(database: Database, number: int) -> tuple[ReadingRecord, ResponseRecord]:
    """Return the reading with a number and the response to it."""
    here = windows.Window(1, before=number + 1)
    reading = windows.readings(database, None, None, here).records[0]
    return reading, windows.responses(database, None, here).records[0]
