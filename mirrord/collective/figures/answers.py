"""Answers about spaces and the world, for whoever may see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.analytics import (
    Bucket,
    Cell,
    Point,
    Trend,
    Weeks,
    distribution,
    heatmap,
    trajectory,
    trends,
    weeks,
    weeks_since,
)
from mirrord.analytics.distribution import Share
from mirrord.api.caller import Caller
from mirrord.api.paging import window_of
from mirrord.api.records import Found
from mirrord.api.reply import Rejected
from mirrord.api.spans import zone_of
from mirrord.collective.database import Database
from mirrord.collective.figures import asked as ask
from mirrord.collective.figures import rows
from mirrord.collective.figures.compare import Comparison, compared
from mirrord.collective.figures.told import Collective
from mirrord.collective.folding import GRACE_MS
from mirrord.collective.numbers import now_ms
from mirrord.collective.spaces.keeper import entered
from mirrord.collective.tally import ms_of
from mirrord.model import MoodName

T = TypeVar("T")
_DAY_H: Final = 24.0
_YEAR_H: Final = 8760.0
_MOST_POINTS: Final = 10_000


class ActiveSessions(msgspec.Struct, frozen=True):
    """How many contributed to a window: coarse counts. None without figures."""

    smallest: int | None
    largest: int | None
    mean: float | None


class CollectiveInsights(msgspec.Struct, frozen=True):
    """The peaks of the hours asked for, from a whole hour on, and how many took part."""

    windows: int  # that were shown
    peaks: Mapping[MoodName, Collective | None]  # the figure with the most of each mood
    active_sessions: ActiveSessions


class CollectiveDistribution(msgspec.Struct, frozen=True):
    """How many windows each mood led, in the model's order; percentages are 0 to 100."""

    total: int
    moods: tuple[Share, ...]


class Figures:
    """Answers from what was published."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, caller: Caller, asked: ask.ListedOfSpace) -> Found[Collective]:
        """All figures, the newest first."""
        window = window_of(asked)
        return await self._of(
            caller, asked.space, lambda of, row: rows.listed(of, row.space, None, window)
        )

    async def history(self, caller: Caller, asked: ask.HistoryAsked) -> Found[Collective]:
        """The figures of the last hours, the newest first."""
        since, window = ms_of(_now() - timedelta(hours=asked.hours)), window_of(asked)
        return await self._of(
            caller, asked.space, lambda of, row: rows.listed(of, row.space, since, window)
        )

    async def current(self, caller: Caller, asked: ask.OfSpace) -> Collective | None:
        """The figure of the last window that is over, or of the one before; None without any."""

        def since(row: Any) -> int:
            return now_ms() - 3 * int(row.window_s) * 1000 - GRACE_MS

        return await self._of(
            caller, asked.space, lambda of, row: rows.newest(of, row.space, since(row))
        )

    async def insights(self, caller: Caller, asked: ask.InsightsAsked) -> CollectiveInsights:
        """The peaks of the last hours, and how many took part."""
        until = _now()
        since = until - timedelta(hours=asked.hours)

        async def job(of: AsyncConnection, row: Any) -> CollectiveInsights:
            peaks = await rows.peaks(of, row.space, since, until)
            windows, fewest, most, mean = await rows.numbers(of, row.space, since, until)
            return CollectiveInsights(windows, peaks, ActiveSessions(fewest, most, mean))

        return await self._of(caller, asked.space, job)

    async def trends(self, caller: Caller, asked: ask.CollectiveTrendsAsked) -> list[Trend]:
        """Averages by the hour or day, the oldest first; `count` is of shown windows."""
        zone, (since, until) = zone_of(asked.timezone), asked.span(_DAY_H)
        if asked.resolution == "hour" and until - since > timedelta(hours=_MOST_POINTS):
            said = "resolution: hour is too fine for a span this long; take day"
            raise Rejected(said, details={"resolution": said})
        return trends(await self._span(caller, asked, _DAY_H), asked.resolution, zone)

    async def distribution(self, caller: Caller, asked: ask.SpanOfSpace) -> CollectiveDistribution:
        """How many windows each mood led."""
        found = distribution(await self._span(caller, asked, _DAY_H))
        return CollectiveDistribution(found.total, found.moods)

    async def heatmap(self, caller: Caller, asked: ask.CollectiveZonedAsked) -> list[Cell]:
        """The hours of the week that have figures."""
        zone = zone_of(asked.timezone)
        return heatmap(await self._span(caller, asked, _YEAR_H), zone)

    async def trajectory(self, caller: Caller, asked: ask.CollectivePathAsked) -> list[Point]:
        """The way through the plane of valence and arousal."""
        return trajectory(await self._span(caller, asked, _DAY_H), asked.points)

    async def weeks(self, caller: Caller, asked: ask.CollectiveWeeksAsked) -> Weeks:
        """This week so far, against the same part of the week before."""
        zone, now = zone_of(asked.timezone), _now()
        since = weeks_since(now, zone)
        found = await self._of(
            caller, asked.space, lambda of, row: rows.hours(of, row.space, since, now)
        )
        return weeks(found, now, zone)

    async def compare(self, caller: Caller, asked: ask.CompareAsked) -> Comparison:
        """Two spaces side by side."""
        since, until = asked.span(_DAY_H)

        async def job(of: AsyncConnection, row: Any) -> Comparison:
            other = await entered(of, caller, asked.other, "viewer")
            one, two = [await rows.hours(of, it.space, since, until) for it in (row, other)]
            return compared((row, one), (other, two))

        return await self._of(caller, asked.space, job)

    async def _span(self, caller: Caller, asked: ask.SpanOfSpace, hours: float) -> list[Bucket]:
        since, until = asked.span(hours)
        return await self._of(
            caller, asked.space, lambda of, row: rows.hours(of, row.space, since, until)
        )

    async def _of(
        self, caller: Caller, space: str, job: Callable[[AsyncConnection, Any], Awaitable[T]]
    ) -> T:
        """Return what a job reads of a space that the caller may see."""

        async def within(of: AsyncConnection) -> T:
            return await job(of, await entered(of, caller, space, "viewer"))

        return await self._database.read(within)


def _now() -> datetime:
    return datetime.now(UTC)
