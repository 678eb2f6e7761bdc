"""Spans of time, and the zones in which days and weeks begin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mirrord.api.asked import Hours, SessionId
from mirrord.api.reply import Rejected
from mirrord.runtime.settings import nearest

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)

# Text here, since a query's numbers would be taken for seconds since 1970.
When = Annotated[
    str,
    Meta(
        description="a time with its zone (RFC 3339), like 2026-01-31T18:00:00Z",
        extra_json_schema={"format": "date-time"},
    ),
]
Timezone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_+/-]+$",
        description="a time zone's name, like Europe/Berlin",
        examples=["UTC", "Europe/Berlin"],
    ),
]


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which span: `hours` back from `until`, or from `since` on; up to now if not said."""

    hours: Hours | UnsetType = UNSET
    since: When | UnsetType = UNSET
    until: When | UnsetType = UNSET

    def span(self, hours: float | None) -> tuple[datetime, datetime]:
        """Return the span; `hours` is how far it goes back if nothing is said, None for all.

        Raises Rejected if it ends before it begins, or says twice where it begins.
        """
        if self.since is not UNSET and self.hours is not UNSET:
            raise Rejected("hours: give either hours or since, not both")
        until = datetime.now(UTC) if self.until is UNSET else _time("until", self.until)
        back = self.hours or hours
        if self.since is not UNSET:
            since = _time("since", self.since)
        else:
            since = _FIRST if back is None else until - timedelta(hours=back)
        if since > until:
            raise Rejected("since: must not be later than until")
        return max(since, _FIRST), until


class Spanned(Span, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same of one session, or of all."""

    session_id: SessionId | UnsetType = UNSET

    @property
    def session(self) -> str | None:
        return None if self.session_id is UNSET else self.session_id


def zone_of(name: str) -> tzinfo:
    """Return the zone. Raises Rejected naming the nearest if there is none of that name."""
    if name == "UTC":
        return UTC
    if name not in _zones():
        said = f"timezone: there is no time zone {name}{nearest(name, sorted(_zones()))}"
        raise Rejected(said, details={"timezone": said})
    return ZoneInfo(name)


def _time(name: str, text: str) -> datetime:
    """Return a time in UTC, held within 1970 to 2100, where all calculation with it is possible."""
    try:
        at: datetime = msgspec.convert(text, Annotated[datetime, Meta(tz=True)])
    except msgspec.ValidationError:
        said = f"{name}: expected a time with its zone (RFC 3339), like 2026-01-31T18:00:00Z"
        raise Rejected(said, details={name: said}) from None
    return min(max(at, _FIRST), _LAST).astimezone(UTC)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
