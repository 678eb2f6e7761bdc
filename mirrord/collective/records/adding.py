"""A reading given by a program: stored, folded and counted in one transaction, once."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics.aggregate import MEASURES, UNIT
from mirrord.api.asked import NewReading
from mirrord.collective.caller import Member
from mirrord.collective.courses import grown
from mirrord.collective.folding import WIDTHS, contribute, count, fold, hold, spaces_of
from mirrord.collective.numbers import now_ms
from mirrord.collective.records.naming import next_number, open_session
from mirrord.collective.records.told import READING, response_kept
from mirrord.collective.schema import readings, sessions
from mirrord.collective.tally import MINUTE_MS, tally_of_reading
from mirrord.collective.upsert import insert_new
from mirrord.model import MOODS, UNSURE, Affect, Measured, Mood
from mirrord.mood import affect_by_hand
from mirrord.response import respond

_RETRIES: Final = UUID("7d0f6f7e-4f0e-4c39-9d5e-6a2b0c1d2e3f")  # names what is asked again


async def add_reading(to: AsyncConnection, who: Member, new: NewReading) -> tuple[Any, bool]:
    """Return the row as it is stored, and whether this request stored it."""
    affect = affect_by_hand(new.joy, new.calm, new.energy, new.melancholy)
    at, reading_id = now_ms(), _id(who)
    await hold(to, who.account)
    number = await next_number(to, who.account)
    session, _ = await open_session(to, who.account, new.session_id, at)
    row = _row(who.account, session, number, reading_id, at, affect)
    stored = await insert_new(to, readings, row)
    if stored:
        await _take_in(to, who, session, row)
    which = (readings.c.account == who.account) & (readings.c.id == reading_id)
    return (await to.execute(reading_query().where(which))).one(), stored


def reading_query() -> Any:
    """Return the question for readings with the names of their sessions."""
    same = (sessions.c.account == readings.c.account) & (sessions.c.session == readings.c.session)
    return select(*READING).select_from(readings.join(sessions, same))


async def _take_in(to: AsyncConnection, who: Member, session: int, row: dict[str, Any]) -> None:
    which = (sessions.c.account == who.account) & (sessions.c.session == session)
    kept = await to.execute(
        select(sessions.c.course, sessions.c.rows, sessions.c.last_activity)
        .where(which)
        .with_for_update()
    )
    course, rows, last = kept.one()
    at, dominant = row["at"], row["dominant"]
    values = tuple(row[name] for name in MEASURES)
    tally = tally_of_reading(at, dominant, values)
    also = {
        "course": grown(course, rows + 1, at, values[: len(MOODS)], dominant),
        "rows": rows + 1,
        "last_activity": max(at, last),
    }
    start = at // MINUTE_MS * MINUTE_MS
    await fold(to, who.account, [(session, WIDTHS["minute"], start, tally)], also)
    into = await spaces_of(to, who.account, None, who.contributes)
    await contribute(to, who.account, into, [(at, tally)], at)
    await count(to, who.account, readings=1)


def _row(
    account: int, session: int, number: int, reading_id: UUID, at: int, affect: Affect
) -> dict[str, Any]:
    mood = Mood(affect, UNSURE, confidence=1.0, people=1, present=True)
    values = {name: round(getattr(affect, name) * UNIT) for name in MEASURES}
    return {
        "account": account,
        "number": number,
        "id": reading_id,
        "session": session,
        "at": at,
        **values,
        "dominant": max(range(len(MOODS)), key=lambda place: values[MOODS[place]]),
        "response": response_kept(respond(mood, Measured())),
    }


def _id(who: Member) -> UUID:
    """Return a new id, or that of the request which is repeated."""
    return uuid5(_RETRIES, f"{who.account} {who.retry}") if who.retry else uuid4()
