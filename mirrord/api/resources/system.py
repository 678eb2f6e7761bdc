"""How the mirror's records fare as a whole."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from mirrord.api.asked import Nothing
from mirrord.api.caller import Caller
from mirrord.api.records import Records, Time
from mirrord.api.resource import Resource
from mirrord.health import Level, Trouble


class Health(msgspec.Struct, frozen=True):
    """The last hour in figures; `degraded` means that nothing can be written now.

    `state` is how the mirror is as a whole, and `troubles` says why, the worst first.
    """

    status: Literal["healthy", "degraded"]
    detail: str
    readings_last_hour: int
    active_sessions: int
    readings_per_minute: float
    response_rate: float | None  # the share (0..1) with a response; None without readings
    state: Level
    troubles: tuple[Trouble, ...]


class Stats(msgspec.Struct, frozen=True):
    """What there is."""

    total_readings: int
    total_responses: int
    total_sessions: int
    active_sessions: int
    first_reading: Time | None


async def health(records: Records, caller: Caller, _asked: Nothing) -> Health:
    """Answer the last hour in figures."""
    found = await records.totals(caller)
    last_hour = found.readings_last_hour
    return Health(
        "degraded" if found.problem else "healthy",
        found.problem,
        last_hour,
        found.active_sessions,
        last_hour / 60,
        found.responses_last_hour / last_hour if last_hour else None,
        found.health.state,
        found.health.troubles,
    )


async def stats(records: Records, caller: Caller, _asked: Nothing) -> Stats:
    """Answer how much there is."""
    found = await records.totals(caller)
    return Stats(
        found.readings,
        found.responses,
        found.sessions,
        found.active_sessions,
        found.first_reading,
    )


SYSTEM: Final = (
    Resource(
        "GET", "api/system/health/", "read", "The last hour in figures.", Nothing, Health, health
    ),
    Resource("GET", "api/system/stats/", "read", "How much there is.", Nothing, Stats, stats),
)
