"""Corrections over HTTP: say what should have been seen, list what was said, undo it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Meta

from mirrord.api.asked import Listed, Nothing
from mirrord.api.caller import require
from mirrord.api.paging import page_of, window_of
from mirrord.api.records import Found, Window
from mirrord.api.reply import Rejected, json_response, success
from mirrord.api.validation import body_of, checked, query_of
from mirrord.correction import Correction
from mirrord.teaching import NothingToCorrect, Teaching

PATH: Final = "/emotions/api/corrections"
TEACHING: web.AppKey[Teaching] = web.AppKey("teaching", Teaching)
Moment = Annotated[datetime, Meta(tz=True, description="a time such as 2026-03-01T18:30:00Z")]


class NewCorrection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What should have been seen: now, at a time of the last minute, or in a recorded reading."""

    should_be: Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    at: Moment | None = None
    reading: UUID | None = None


class CorrectionShown(msgspec.Struct, frozen=True):
    """A correction; `seen` are the seven probabilities before any; times are UTC."""

    id: str
    at: datetime
    seen: Mapping[str, float]
    should_be: str
    undone: datetime | None


def correcting(teaching: Teaching) -> Callable[[web.Application], None]:
    """Return the part of the page that corrects through `teaching`."""

    def part(app: web.Application) -> None:
        app[TEACHING] = teaching
        for path in (PATH, PATH + "/"):
            app.router.add_get(path, _list)
            app.router.add_post(path, _correct)
            app.router.add_delete(path, _undo_all)
            app.router.add_delete(PATH + "/{id}" + path.removeprefix(PATH), _undo)

    return part


async def _list(request: web.Request) -> web.Response:
    require(request, "read")
    query = query_of(request)
    listed = checked(query, Listed, words=True)
    found = _stretch(await request.app[TEACHING].all(), window_of(listed))
    address = str(request.url.origin().with_path(request.path))
    return json_response(page_of(found, listed, address, query))


async def _correct(request: web.Request) -> web.Response:
    require(request, "control")
    checked(query_of(request), Nothing)
    asked = checked(await body_of(request), NewCorrection)
    if asked.at and asked.reading:
        raise Rejected("Give either at or reading: a correction is of one moment.")
    teaching = request.app[TEACHING]
    try:
        if asked.reading:
            made = await teaching.correct_reading(asked.should_be, asked.reading)
        else:
            made = await teaching.correct_look(asked.should_be, asked.at)
    except NothingToCorrect as error:
        raise Rejected(str(error), 404 if asked.reading else 409) from None
    return success("Thank you: the mirror will see it a little more your way.", _shown(made), 201)


async def _undo(request: web.Request) -> web.Response:
    require(request, "control")
    undone = await request.app[TEACHING].undo(request.match_info["id"])
    if undone is None:
        raise Rejected("There is no such correction.", 404)
    return success("Undone.", _shown(undone))


async def _undo_all(request: web.Request) -> web.Response:
    require(request, "control")
    return success("Undone.", {"undone": await request.app[TEACHING].undo_all()})


def _stretch(every: Sequence[Correction], window: Window) -> Found[CorrectionShown]:
    """Return the corrections of a window, numbered from the oldest, 1."""
    numbered = [(len(every) - place, one) for place, one in enumerate(every)]
    if window.after is not None:
        later = [pair for pair in numbered if pair[0] > window.after]
        chosen = later[-window.size :]
    elif window.before is not None:
        chosen = [pair for pair in numbered if pair[0] < window.before][: window.size]
    else:
        chosen = numbered[window.skip : window.skip + window.size]
    records = [_shown(one) for _, one in chosen]
    return Found(len(every), records, [number for number, _ in chosen])


def _shown(one: Correction) -> CorrectionShown:
    return CorrectionShown(one.id, one.at, one.seen, one.should_be, one.undone)
