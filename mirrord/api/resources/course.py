"""How readings went over time: trends, distribution, heatmap, trajectory, weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mirrord.analytics import (
    Bucket,
    Cell,
    Distribution,
    Point,
    Resolution,
    Together,
    Trend,
    Weeks,
    distribution,
    fineness,
    heatmap,
    trajectory,
    trends,
    weeks,
    weeks_parts,
    weeks_since,
)
from mirrord.api.caller import Caller
from mirrord.api.records import Chosen, Records, Width
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource
from mirrord.api.spans import Spanned, Timezone, zone_of

_DAY_H: Final = 24.0
_TEN_YEARS_H: Final = 87_840.0
_MOST_POINTS: Final = 10_000
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
_BUCKET_S: Final[dict[Width, int]] = {"minute": 60, "quarter": 900, "half": 1800, "hour": 3600}


class TrendsAsked(Spanned, frozen=True, kw_only=True):
    """The last 24 hours by the hour, if not said otherwise."""

    resolution: Resolution = "hour"
    timezone: Timezone = "UTC"


class ZonedAsked(Spanned, frozen=True, kw_only=True):
    """The last ten years, if not said otherwise."""

    timezone: Timezone = "UTC"


class TrajectoryAsked(Spanned, frozen=True, kw_only=True):
    """The last 24 hours, if not said otherwise."""

    points: Annotated[int, Meta(ge=2, le=2000, description="a whole number from 2 to 2000")] = 240


class WeeksAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which zone the weeks begin."""

    timezone: Timezone = "UTC"


async def trend(records: Records, caller: Caller, asked: TrendsAsked) -> list[Trend]:
    """Answer averages by the minute, hour or day, the oldest first."""
    zone, (since, until) = zone_of(asked.timezone), asked.span(_DAY_H)
    points = (until - since).total_seconds() / _SECONDS[asked.resolution]
    if points > _MOST_POINTS:
        said = f"resolution: {asked.resolution} is too fine for a span this long; take a coarser"
        raise Rejected(said, details={"resolution": said})
    width: Width = "minute" if asked.resolution == "minute" else "hour"
    together = None
    if asked.resolution == "day":
        width, together = fineness(zone, since, until), Together("day", zone)
    chosen = _chosen(asked, width, since, until, together)
    return trends(await records.buckets(caller, width, chosen), asked.resolution, zone)


async def shares(records: Records, caller: Caller, asked: Spanned) -> Distribution:
    """Answer how often each mood led and each expression was seen."""
    since, until = asked.span(None)
    width = _width(since, until)
    chosen = _chosen(asked, width, since, until, Together("all"))
    return distribution(await records.buckets(caller, width, chosen))


async def heat(records: Records, caller: Caller, asked: ZonedAsked) -> list[Cell]:
    """Answer the hours of the week that have readings."""
    zone, (since, until) = zone_of(asked.timezone), asked.span(_TEN_YEARS_H)
    width = fineness(zone, since, until)
    chosen = _chosen(asked, width, since, until, Together("week_hour", zone))
    return heatmap(await records.buckets(caller, width, chosen), zone)


async def path(records: Records, caller: Caller, asked: TrajectoryAsked) -> list[Point]:
    """Answer the way through the plane of valence and arousal."""
    since, until = asked.span(_DAY_H)
    width = _width(since, until)
    found = await records.buckets(caller, width, _chosen(asked, width, since, until))
    return trajectory(found, asked.points)


async def week(records: Records, caller: Caller, asked: WeeksAsked) -> Weeks:
    """Answer this week so far, against the one before."""
    zone, now = zone_of(asked.timezone), datetime.now(UTC)
    width = fineness(zone, weeks_since(now, zone), now)
    found: list[Bucket] = []
    for since, until in weeks_parts(now, zone):
        found += await records.buckets(caller, width, Chosen(None, since, until, Together("all")))
    return weeks(found, now, zone)


def _width(since: datetime, until: datetime) -> Width:
    """Return how fine the buckets of a span need to be: by the minute up to two days."""
    return "minute" if until - since <= timedelta(days=2) else "hour"


def _chosen(
    asked: Spanned,
    width: Width,
    since: datetime,
    until: datetime,
    together: Together | None = None,
) -> Chosen:
    """Return what is asked for, beginning with the whole bucket that `since` lies in."""
    seconds = _BUCKET_S[width]
    begins = datetime.fromtimestamp(since.timestamp() // seconds * seconds, UTC)
    return Chosen(asked.session, begins, until, together)


COURSE: Final = (
    Resource(
        "GET",
        "api/readings/trends/",
        "read",
        "Averages over time, the oldest first.",
        TrendsAsked,
        list[Trend],
        trend,
    ),
    Resource(
        "GET",
        "api/readings/distribution/",
        "read",
        "How often each mood led, and each expression was seen.",
        Spanned,
        Distribution,
        shares,
    ),
    Resource(
        "GET",
        "api/readings/heatmap/",
        "read",
        "The hours of the week that have readings.",
        ZonedAsked,
        list[Cell],
        heat,
    ),
    Resource(
        "GET",
        "api/readings/trajectory/",
        "read",
        "The way through the plane of valence and arousal.",
        TrajectoryAsked,
        list[Point],
        path,
    ),
    Resource(
        "GET",
        "api/readings/weeks/",
        "read",
        "This week so far, against the same part of the week before.",
        WeeksAsked,
        Weeks,
        week,
    ),
)
