"""Environment responses: how the room answered the readings."""

from __future__ import annotations

from typing import Final

from mirrord.api.asked import Listed, ListedOfSession, OneSession
from mirrord.api.caller import Caller
from mirrord.api.paging import Page, window_of
from mirrord.api.records import Chosen, EnvironmentResponse, Found, Records, Window
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource


async def listed(records: Records, caller: Caller, asked: Listed) -> Found[EnvironmentResponse]:
    """Answer all responses."""
    return await records.responses(caller, Chosen(), window_of(asked))


async def for_session(
    records: Records, caller: Caller, asked: ListedOfSession
) -> Found[EnvironmentResponse]:
    """Answer the responses of one session; of an unknown one there are none."""
    return await records.responses(caller, Chosen(asked.session_id), window_of(asked))


async def latest_for_session(
    records: Records, caller: Caller, asked: OneSession
) -> EnvironmentResponse:
    """Answer the newest response of one session."""
    found = await records.responses(caller, Chosen(asked.session_id), Window(1))
    if not found.records:
        raise Rejected(f"session_id: {asked.session_id} has no response", 404)
    return found.records[0]


ENVIRONMENT: Final = (
    Resource(
        "GET",
        "api/environment/",
        "read",
        "All environment responses.",
        Listed,
        Page[EnvironmentResponse],
        listed,
    ),
    Resource(
        "GET",
        "api/environment/for_session/",
        "read",
        "The environment responses of one session.",
        ListedOfSession,
        Page[EnvironmentResponse],
        for_session,
    ),
    Resource(
        "GET",
        "api/environment/latest_for_session/",
        "read",
        "The newest environment response of one session.",
        OneSession,
        EnvironmentResponse,
        latest_for_session,
    ),
)
