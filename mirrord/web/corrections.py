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
from mirrord.api.caller import Caller
from mirrord.api.mount import mount
from mirrord.api.paging import Page, window_of
from mirrord.api.records import Found, Window
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource
from mirrord.correction import Correction
from mirrord.teaching import NothingToCorrect, Teaching

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


class OneCorrection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which correction."""

    id: Annotated[str, Meta(description="the id of a correction")]


class AllUndone(msgspec.Struct, frozen=True):
    """How many corrections held until now."""

    undone: int


async def listed(teaching: Teaching, _caller: Caller, asked: Listed) -> Found[CorrectionShown]:
    """List what was corrected, the newest first."""
    return _stretch(await teaching.all(), window_of(asked))


async def correct(teaching: Teaching, _caller: Caller, asked: NewCorrection) -> CorrectionShown:
    """Say what should have been seen."""
    if asked.at and asked.reading:
        raise Rejected("Give either at or reading: a correction is of one moment.")
    try:
        if asked.reading:
            made = await teaching.correct_reading(asked.should_be, asked.reading)
        else:
            made = await teaching.correct_look(asked.should_be, asked.at)
    except NothingToCorrect as error:
        raise Rejected(str(error), 404 if asked.reading else 409) from None
    return _shown(made)


async def undo(teaching: Teaching, _caller: Caller, asked: OneCorrection) -> CorrectionShown:
    """Undo one."""
    undone = await teaching.undo(asked.id)
    if undone is None:
        raise Rejected("There is no such correction.", 404)
    return _shown(undone)


async def undo_all(teaching: Teaching, _caller: Caller, _asked: Nothing) -> AllUndone:
    """Undo all: the mirror sees as it came."""
    return AllUndone(await teaching.undo_all())


_PATH: Final = "api/corrections/"
CORRECTIONS: Final = (
    Resource("GET", _PATH, "read", "The corrections.", Listed, Page[CorrectionShown], listed),
    Resource(
        "POST",
        _PATH,
        "control",
        "Thank you: the mirror will see it a little more your way.",
        NewCorrection,
        CorrectionShown,
        correct,
        status=201,
        conflicts=True,
    ),
    Resource("DELETE", _PATH, "control", "All are undone.", Nothing, AllUndone, undo_all),
    Resource("DELETE", _PATH + "{id}/", "control", "Undone.", OneCorrection, CorrectionShown, undo),
)


def correcting(teaching: Teaching) -> Callable[[web.Application], None]:
    """Return the part of the page that corrects through `teaching`."""
    return lambda app: mount(app, CORRECTIONS, teaching)


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
