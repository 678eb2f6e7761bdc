"""Readings: moods at their times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from mirrord.api.asked import Listed, ListedOfSession, ListedRecent, NewReading, OneReading
from mirrord.api.caller import Caller
from mirrord.api.paging import Page, window_of
from mirrord.api.records import Chosen, Found, Reading, ReadingMade, Records
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource


async def listed(records: Records, caller: Caller, asked: Listed) -> Found[Reading]:
    """Answer all readings."""
    return await records.readings(caller, Chosen(), window_of(asked))


async def by_session(records: Records, caller: Caller, asked: ListedOfSession) -> Found[Reading]:
    """Answer the readings of one session; of an unknown one there are none."""
    return await records.readings(caller, Chosen(asked.session_id), window_of(asked))


async def recent(records: Records, caller: Caller, asked: ListedRecent) -> Found[Reading]:
    """Answer the readings of the last hours."""
    since = datetime.now(UTC) - timedelta(hours=asked.hours)
    return await records.readings(caller, Chosen(since=since), window_of(asked))


async def one(records: Records, caller: Caller, asked: OneReading) -> Reading:
    """Answer one reading."""
    found = await records.reading(caller, asked.id)
    if found is None:
        raise Rejected(f"id: there is no reading {asked.id}", 404)
    return found


async def created(records: Records, caller: Caller, asked: NewReading) -> ReadingMade:
    """Store a reading and the room's response to it."""
    return await records.add_reading(caller, asked)


READINGS: Final = (
    Resource("GET", "api/readings/", "read", "All readings.", Listed, Page[Reading], listed),
    Resource(
        "POST",
        "api/readings/",
        "control",
        "A reading given by hand, stored with the response to it.",
        NewReading,
        ReadingMade,
        created,
        201,
    ),
    Resource(
        "GET",
        "api/readings/by_session/",
        "read",
        "The readings of one session.",
        ListedOfSession,
        Page[Reading],
        by_session,
    ),
    Resource(
        "GET",
        "api/readings/recent/",
        "read",
        "The readings of the last hours.",
        ListedRecent,
        Page[Reading],
        recent,
    ),
    Resource("GET", "api/readings/{id}/", "read", "One reading.", OneReading, Reading, one),
)
