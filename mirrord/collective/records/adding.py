"""A reading given by a program: stored, folded and counted in one transaction, once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics.aggregate import MEASURES, UNIT
from mirrord.api.asked import NewReading
from mirrord.collective.caller import Member
from mirrord.collective.courses import grown
from mirrord.collective.folding import WIDTHS, contribute, fold, hold, spaces_of
from mirrord.collective.numbers import now_ms
from mirrord.collective.records.naming import next_number, open_session
from mirrord.collective.records.told import READING, response_kept
from mirrord.collective.schema import NO_MIRROR, readings, sessions
from mirrord.collective.tally import MINUTE_MS, tally_of_reading
from mirrord.collective.upsert import insert_new
from mirrord.model import MOODS, UNSURE, Affect, Measured, Mood
from mirrord.mood import affect_by_hand
from mirrord.response import respond

_RETRIES: Final = UUID("7d0f6f7e-4f0e-4c39-9d5e-6a2b0c1d2e3f")  # names what is asked again
_SESSION: Final = (
    select(*(sessions.c[name] for name in ("session", "course", "rows", "last_activity")))
    .where(sessions.c.account == bindparam("of_account"), sessions.c.mirror == NO_MIRROR)
    .where(sessions.c.session_id == bindparam("named"))
    .with_for_update()
)


async def add_reading(to: AsyncConnection, who: Member, new: NewReading) -> tuple[Any, bool]:
    """Return the row as it is stored, and whether this request stored it."""
    affect = affect_by_hand(new.joy, new.calm, new.energy, new.melancholy)
    at, reading_id = now_ms(), _id(who)
    await hold(to, who.account)
    number = await next_number(to, who.account)
    kept = await _session(to, who.account, new.session_id, at)
    row = _row(who.account, kept.session, number, reading_id, at, affect)
    if await insert_new(to, readings, row):
        await _take_in(to, who, kept, row)
        return SimpleNamespace(**row, session_id=new.session_id), True
    which = (readings.c.account == who.account) & (readings.c.id == reading_id)
    return (await to.execute(reading_query().where(which))).one(), False


async def _session(to: AsyncConnection, account: int, session_id: str, at: int) -> Any:
    """Return what a reading needs of its session, which begins with it if there is none."""
    named = {"of_account": account, "named": session_id}
    found = (await to.execute(_SESSION, named)).first()
    if found is None:
        await open_session(to, account, session_id, at)
        found = (await to.execute(_SESSION, named)).one()
    return found


def reading_query() -> Any:
    """Return the question for readings with the names of their sessions."""
    same = (sessions.c.account == readings.c.account) & (sessions.c.session == readings.c.session)
    return select(*READING).select_from(readings.join(sessions, same))


async def _take_in(to: AsyncConnection, who: Member, kept: Any, row: dict[str, Any]) -> None:
    session, course, rows, last = kept
    at, dominant = row["at"], row["dominant"]
    values = tuple(row[name] for name in MEASURES)
    tally = tally_of_reading(at, dominant, values)
    also = {
        "course": grown(course, rows + 1, at, values[: len(MOODS)], dominant),
        "rows": rows + 1,
        "last_activity": max(at, last),
    }
    start = at // MINUTE_MS * MINUTE_MS
    found = [(session, WIDTHS["minute"], start, tally)]
    await fold(to, who.account, found, also, readings=1)
    into = await spaces_of(to, who.account, None, who.contributes)
    await contribute(to, who.account, into, [(at, tally)], at)


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
