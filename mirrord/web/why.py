"""Why is it blue? The whole chain over HTTP, for now and for any recorded moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from mirrord.api.caller import Caller, must_have
from mirrord.api.mount import mount
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource
from mirrord.why.chain import Why
from mirrord.why.reasons import Reasons


class WhyAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A moment of the past: a time, or a reading; neither is now."""

    at: (
        Annotated[datetime, Meta(tz=True, description="a time such as 2026-03-01T18:30:00Z")]
        | UnsetType
    ) = UNSET
    reading: UUID | UnsetType = UNSET


async def why(reasons: Reasons, caller: Caller, asked: WhyAsked) -> Why:
    """Answer the chain of a moment; that of a past one to those who may read."""
    if asked.at is not UNSET and asked.reading is not UNSET:
        raise Rejected("Give either at or reading: an answer is about one moment.")
    must_have(caller, "look" if asked == WhyAsked() else "read")
    found = await _found(reasons, asked)
    if found is None:
        raise Rejected("Nothing was recorded then.", 404)
    return found


async def _found(reasons: Reasons, asked: WhyAsked) -> Why | None:
    if asked.reading is not UNSET:
        return await reasons.of_reading(asked.reading)
    return reasons.now() if asked.at is UNSET else await reasons.at(asked.at)


WHY: Final = (Resource("GET", "api/why/", "look", "This is why.", WhyAsked, Why, why),)


def explaining(reasons: Reasons) -> Callable[[web.Application], None]:
    """Return the part of the page that says why."""
    return lambda app: mount(app, WHY, reasons)
