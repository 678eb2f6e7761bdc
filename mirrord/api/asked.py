"""What may be asked: one struct for each resource, which checks it, words it and documents it.

Fields that are named in a resource's path come from the path; the others from the query of a GET
and from the JSON body of a POST. What a query may leave out is UNSET, since None would let it say
"null".
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

PAGE_SIZE = 50
_MOST_HOURS = 87_840  # ten years

_LINE = r"^[^\x00-\x1f\x7f/]+$"  # fits into one segment of a path, and into a line of a log

SessionId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=_LINE,
        description="text of 1 to 100 characters, without / and control characters",
    ),
]
Hours = Annotated[
    float,
    Meta(gt=0, le=_MOST_HOURS, description=f"a number of hours above 0 and up to {_MOST_HOURS}"),
]
Share = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")]
Page = Annotated[
    int, Meta(ge=1, le=2_000, description="the number of a page, from 1 to 2000; 1 is the newest")
]
PageSize = Annotated[int, Meta(ge=1, le=200, description="a whole number from 1 to 200")]
Cursor = Annotated[
    str,
    Meta(
        pattern=r"^(before|after)-[0-9]{1,18}$",
        description="a cursor, as it stands in the links next and previous of an earlier answer",
    ),
]
ShortText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=50,
        pattern=_LINE,
        description="text of 1 to 50 characters, without / and control characters",
    ),
]
Country = Annotated[
    str,
    Meta(pattern=r"^[A-Z]{2}$", description="a country as two letters (ISO 3166), like DE"),
]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which page of a list: a cursor if there is one, or else the number of a page."""

    page: Page = 1
    page_size: PageSize = PAGE_SIZE
    cursor: Cursor | UnsetType = UNSET


class ListedOfSession(Listed, frozen=True, kw_only=True):
    """Which page of what one session holds."""

    session_id: SessionId


class ListedRecent(Listed, frozen=True, kw_only=True):
    """Which page of the last hours."""

    hours: Hours = 1.0


class OneReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reading by its id."""

    id: UUID


class OneSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One session by its id."""

    session_id: SessionId


class NewReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reading given by hand. An unknown session begins with it."""

    session_id: SessionId
    joy: Share
    calm: Share
    energy: Share
    melancholy: Share


class NewSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session begun by hand."""

    session_id: SessionId
    device_type: ShortText = "web"
    browser: ShortText | None = None
    location_country: Country | None = None
