"""Spans of time, and the zones in which days and weeks begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta

from mirrord.api.asked import Hours, SessionId
from mirrord.api.reply import Rejected
from mirrord.runtime.settings import nearest

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)

When = Annotated[datetime, Meta(tz=True, description="a time with its zone (RFC 3339)")]
Timezone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_+/-]+$(?!\n)",
        description="a time zone's name, like Europe/Berlin",
        examples=["UTC", "Europe/Berlin"],
    ),
]


class Spanned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which span: `hours` back from `until`, or from `since` on; up to now if not said."""

    hours: Hours | None = None
    since: When | None = None
    until: When | None = None
    session_id: SessionId | None = None

    def span(self, hours: float | None) -> tuple[datetime, datetime]:
        """Return the span; `hours` is how far it goes back if nothing is said, None for all.

        Raises Rejected if it ends before it begins, or says twice where it begins.
        """
        if self.since is not None and self.hours is not None:
            raise Rejected("hours: give either hours or since, not both")
        until = _bounded(self.until or datetime.now(UTC))
        back = self.hours or hours
        since = self.since or (_FIRST if back is None else until - timedelta(hours=back))
        if _bounded(since) > until:
            raise Rejected("since: must not be later than until")
        return _bounded(since), until


def zone_of(name: str) -> tzinfo:
    """Return the zone. Raises Rejected naming the nearest if there is none of that name."""
    if name == "UTC":
        return UTC
    if name not in _zones():
        said = f"timezone: there is no time zone {name}{nearest(name, sorted(_zones()))}"
        raise Rejected(said, details={"timezone": said})
    return ZoneInfo(name)


def _bounded(at: datetime) -> datetime:
    """Hold a time between 1970 and 2100, where every calculation with it stays possible."""
    return min(max(at, _FIRST), datetime(2100, 1, 1, tzinfo=UTC)).astimezone(UTC)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
