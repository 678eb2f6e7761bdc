"""The resources under /emotions/api/collective/, as rows of the route table.

`Figures` answers them in place of the records, which are those of one account.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from mirrord.analytics import Cell, Point, Trend, Weeks
from mirrord.api.caller import Caller
from mirrord.api.paging import Page
from mirrord.api.records import Records
from mirrord.api.resource import Answerer, Resource
from mirrord.collective.figures import asked as ask
from mirrord.collective.figures.answers import CollectiveDistribution, CollectiveInsights, Figures
from mirrord.collective.figures.compare import Comparison
from mirrord.collective.figures.told import Collective

Answer = Callable[[Any, Caller, Any], Awaitable[Any]]


def resources(figures: Figures) -> tuple[Resource, ...]:
    """Return the rows, answered by `figures`."""

    def row(path: str, summary: str, asked: Any, answer: Any, method: Answer) -> Resource:
        address = f"api/collective/{path}"
        return Resource("GET", address, "look", summary, asked, answer, _bound(figures, method))

    return (
        row(
            "",
            "All figures of a space or the world, the newest first.",
            ask.ListedOfSpace,
            Page[Collective],
            Figures.listed,
        ),
        row(
            "current/",
            "The collective mood of the window that ended last.",
            ask.OfSpace,
            Collective | None,
            Figures.current,
        ),
        row(
            "history/",
            "The figures of the last hours, the newest first.",
            ask.HistoryAsked,
            Page[Collective],
            Figures.history,
        ),
        row(
            "insights/",
            "The peak of each mood within the last hours, and how many took part.",
            ask.InsightsAsked,
            CollectiveInsights,
            Figures.insights,
        ),
        row(
            "trends/",
            "Averages over time, the oldest first.",
            ask.CollectiveTrendsAsked,
            list[Trend],
            Figures.trends,
        ),
        row(
            "distribution/",
            "How many windows each mood led.",
            ask.SpanOfSpace,
            CollectiveDistribution,
            Figures.distribution,
        ),
        row(
            "heatmap/",
            "The hours of the week that have figures.",
            ask.CollectiveZonedAsked,
            list[Cell],
            Figures.heatmap,
        ),
        row(
            "trajectory/",
            "The way through the plane of valence and arousal.",
            ask.CollectivePathAsked,
            list[Point],
            Figures.trajectory,
        ),
        row(
            "weeks/",
            "This week so far, against the same part of the week before.",
            ask.CollectiveWeeksAsked,
            Weeks,
            Figures.weeks,
        ),
        row(
            "compare/",
            "Two spaces side by side.",
            ask.CompareAsked,
            Comparison,
            Figures.compare,
        ),
    )


def _bound(figures: Figures, method: Answer) -> Answerer:
    async def answer(_records: Records, caller: Caller, asked: Any) -> Any:
        return await method(figures, caller, asked)

    return answer
