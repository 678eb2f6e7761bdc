"""The resources under /emotions/api/collective/, as rows of the route table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from mirrord.analytics import Cell, Point, Trend, Weeks
from mirrord.api.caller import Caller
from mirrord.api.paging import Page
from mirrord.api.records import Records
from mirrord.api.resource import Resource
from mirrord.collective.figures import asked as ask
from mirrord.collective.figures.answers import CollectiveDistribution, CollectiveInsights, Figures
from mirrord.collective.figures.compare import Comparison
from mirrord.collective.figures.told import Collective

_PATH: Final = "api/collective/"

FIGURES: Final = (
    Resource(
        "GET",
        _PATH,
        "look",
        "All figures of a space or the world, the newest first.",
        ask.ListedOfSpace,
        Page[Collective],
        Figures.listed,
    ),
    Resource(
        "GET",
        _PATH + "current/",
        "look",
        "The collective mood of the window that ended last.",
        ask.OfSpace,
        Collective | None,
        Figures.current,
    ),
    Resource(
        "GET",
        _PATH + "history/",
        "look",
        "The figures of the last hours, the newest first.",
        ask.HistoryAsked,
        Page[Collective],
        Figures.history,
    ),
    Resource(
        "GET",
        _PATH + "insights/",
        "look",
        "The peak of each mood within the last hours, and how many took part.",
        ask.InsightsAsked,
        CollectiveInsights,
        Figures.insights,
    ),
    Resource(
        "GET",
        _PATH + "trends/",
        "look",
        "Averages over time, the oldest first.",
        ask.CollectiveTrendsAsked,
        list[Trend],
        Figures.trends,
    ),
    Resource(
        "GET",
        _PATH + "distribution/",
        "look",
        "How many windows each mood led.",
        ask.SpanOfSpace,
        CollectiveDistribution,
        Figures.distribution,
    ),
    Resource(
        "GET",
        _PATH + "heatmap/",
        "look",
        "The hours of the week that have figures.",
        ask.CollectiveZonedAsked,
        list[Cell],
        Figures.heatmap,
    ),
    Resource(
        "GET",
        _PATH + "trajectory/",
        "look",
        "The way through the plane of valence and arousal.",
        ask.CollectivePathAsked,
        list[Point],
        Figures.trajectory,
    ),
    Resource(
        "GET",
        _PATH + "weeks/",
        "look",
        "This week so far, against the same part of the week before.",
        ask.CollectiveWeeksAsked,
        Weeks,
        Figures.weeks,
    ),
    Resource(
        "GET",
        _PATH + "compare/",
        "look",
        "Two spaces side by side.",
        ask.CompareAsked,
        Comparison,
        Figures.compare,
    ),
)


def resources(figures: Figures) -> tuple[Resource, ...]:
    """Return the rows, answered by `figures` in place of the records of one account."""
    return tuple(_answered_by(figures, row) for row in FIGURES)


def _answered_by(figures: Figures, row: Resource) -> Resource:
    async def answer(_records: Records, caller: Caller, asked: Any) -> Any:
        return await row.answerer(figures, caller, asked)

    return replace(row, answerer=answer)
