"""What may be asked of figures: of the world, if no space is named."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mirrord.api.asked import Hours, Listed
from mirrord.api.spans import Span, Timezone
from mirrord.collective.schema import WORLD

SpaceId = Annotated[
    str,
    Meta(
        pattern=r"^[1-9][0-9]{0,17}$",
        description="the id of a space; 1 is the world",
        examples=["1"],
    ),
]
_WORLD = str(WORLD)


class OfSpace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which space."""

    space: SpaceId = _WORLD


class ListedOfSpace(Listed, frozen=True, kw_only=True):
    """Which page of a space's figures."""

    space: SpaceId = _WORLD


class HistoryAsked(ListedOfSpace, frozen=True, kw_only=True):
    """Which page of the last hours."""

    hours: Hours = 24.0


class InsightsAsked(OfSpace, frozen=True, kw_only=True):
    """Of the last hours."""

    hours: Hours = 24.0


class SpanOfSpace(Span, frozen=True, kw_only=True):
    """A span of a space; the last 24 hours, if not said otherwise."""

    space: SpaceId = _WORLD


class CollectiveTrendsAsked(SpanOfSpace, frozen=True, kw_only=True):
    """By the hour or the day; there is nothing finer than a window."""

    resolution: Literal["hour", "day"] = "hour"
    timezone: Timezone = "UTC"


class CollectiveZonedAsked(SpanOfSpace, frozen=True, kw_only=True):
    """In which zone hours and weekdays are told."""

    timezone: Timezone = "UTC"


class CollectivePathAsked(SpanOfSpace, frozen=True, kw_only=True):
    """In at most so many points."""

    points: Annotated[int, Meta(ge=2, le=2000, description="a whole number from 2 to 2000")] = 240


class CollectiveWeeksAsked(OfSpace, frozen=True, kw_only=True):
    """In which zone the weeks begin."""

    timezone: Timezone = "UTC"


class CompareAsked(SpanOfSpace, frozen=True, kw_only=True):
    """A space with another one."""

    other: SpaceId = msgspec.field(name="with")
