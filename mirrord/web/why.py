"""Why is it blue? The whole chain over HTTP, for now and for any recorded moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Meta

from mirrord.api.caller import require
from mirrord.api.reply import Rejected, success
from mirrord.api.validation import checked, query_of
from mirrord.why.reasons import Reasons

PATH: Final = "/emotions/api/why"
REASONS: web.AppKey[Reasons] = web.AppKey("reasons", Reasons)


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A moment of the past: a time, or a reading; neither is now."""

    at: (
        Annotated[datetime, Meta(tz=True, description="a time such as 2026-03-01T18:30:00Z")] | None
    ) = None
    reading: UUID | None = None


def explaining(reasons: Reasons) -> Callable[[web.Application], None]:
    """Return the part of the page that says why."""

    def part(app: web.Application) -> None:
        app[REASONS] = reasons
        for path in (PATH, PATH + "/"):
            app.router.add_get(path, _why)

    return part


async def _why(request: web.Request) -> web.Response:
    asked = checked(query_of(request), Asked, words=True)
    reasons = request.app[REASONS]
    if asked.at and asked.reading:
        raise Rejected("Give either at or reading: an answer is about one moment.")
    require(request, "read" if asked.at or asked.reading else "look")
    if asked.reading:
        found = await reasons.of_reading(asked.reading)
    elif asked.at:
        found = await reasons.at(asked.at)
    else:
        found = reasons.now()
    if found is None:
        raise Rejected("Nothing was recorded then.", 404)
    return success("This is why.", found)
