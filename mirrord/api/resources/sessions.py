"""Sessions: stays in front of the mirror."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from mirrord.analytics import Insights, SessionAnalytics, Whole, insights, session_analytics
from mirrord.api.asked import Listed, NewSession, OneSession
from mirrord.api.caller import Caller
from mirrord.api.paging import Page, window_of
from mirrord.api.records import Chosen, Found, Reading, Records, Session, Window
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource

T = TypeVar("T")


async def listed(records: Records, caller: Caller, asked: Listed) -> Found[Session]:
    """Answer all sessions."""
    return await records.sessions(caller, None, window_of(asked))


async def active(records: Records, caller: Caller, asked: Listed) -> Found[Session]:
    """Answer the sessions that have not ended."""
    return await records.sessions(caller, True, window_of(asked))


async def created(records: Records, caller: Caller, asked: NewSession) -> Session:
    """Store a session. Raises Rejected (400) if there is one with its id."""
    session = await records.add_session(caller, asked)
    if session is None:
        said = f"session_id: there is a session {asked.session_id} already"
        raise Rejected(said, details={"session_id": said})
    return session


async def one(records: Records, caller: Caller, asked: OneSession) -> Session:
    """Answer one session."""
    return known(await records.session(caller, asked.session_id), asked)


async def ended(records: Records, caller: Caller, asked: OneSession) -> Session:
    """End a session; one that has ended stays as it is."""
    return known(await records.end_session(caller, asked.session_id), asked)


class Analytics(SessionAnalytics, frozen=True, kw_only=True):
    """A session in figures, with its newest readings."""

    recent_readings: Sequence[Reading]


async def analysed(records: Records, caller: Caller, asked: OneSession) -> Analytics:
    """Answer a session's averages and distribution, and its ten newest readings."""
    figures = session_analytics(await _whole(records, caller, asked))
    newest = await records.readings(caller, Chosen(asked.session_id), Window(10))
    fields = {name: getattr(figures, name) for name in SessionAnalytics.__struct_fields__}
    return Analytics(**fields, recent_readings=newest.records)


async def understood(records: Records, caller: Caller, asked: OneSession) -> Insights:
    """Answer how a session went."""
    return insights(await _whole(records, caller, asked))


async def _whole(records: Records, caller: Caller, asked: OneSession) -> Whole:
    return known(await records.whole(caller, asked.session_id), asked)


def known(found: T | None, asked: OneSession) -> T:
    """Return what is known of the session. Raises Rejected (404) if there is none."""
    if found is None:
        raise Rejected(f"session_id: there is no session {asked.session_id}", 404)
    return found


SESSIONS: Final = (
    Resource("GET", "api/sessions/", "read", "All sessions.", Listed, Page[Session], listed),
    Resource(
        "POST",
        "api/sessions/",
        "control",
        "A session begun by hand.",
        NewSession,
        Session,
        created,
        201,
    ),
    Resource(
        "GET",
        "api/sessions/active/",
        "read",
        "The sessions that have not ended.",
        Listed,
        Page[Session],
        active,
    ),
    Resource("GET", "api/sessions/{session_id}/", "read", "One session.", OneSession, Session, one),
    Resource(
        "GET",
        "api/sessions/{session_id}/analytics/",
        "read",
        "A session in figures, with its ten newest readings.",
        OneSession,
        Analytics,
        analysed,
    ),
    Resource(
        "GET",
        "api/sessions/{session_id}/insights/",
        "read",
        "How a session went.",
        OneSession,
        Insights,
        understood,
    ),
    Resource(
        "POST",
        "api/sessions/{session_id}/end_session/",
        "control",
        "A session, ended.",
        OneSession,
        Session,
        ended,
    ),
)
