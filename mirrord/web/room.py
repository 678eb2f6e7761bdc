"""The Room page, and what a mood would do to the room without doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from aiohttp import web

from mirrord.api.caller import require
from mirrord.api.reply import success
from mirrord.api.validation import checked, query_of
from mirrord.controls import Hand
from mirrord.model import Affect, Environment
from mirrord.mood import affect_by_hand
from mirrord.web.pages import add_document

PATH: Final = "/emotions/api/preview/"
_Foresee = Callable[[Affect], Environment]
_FORESEE: web.AppKey[_Foresee] = web.AppKey("foresee")


def room_part(foresee: _Foresee) -> Callable[[web.Application], None]:
    """Return the part with the Room page, which foresees the room of a mood."""

    def part(app: web.Application) -> None:
        app[_FORESEE] = foresee
        app.router.add_get(PATH, _preview)
        add_document(app, "/room", "room")

    return part


async def _preview(request: web.Request) -> web.Response:
    require(request, "look")
    hand = checked(query_of(request), Hand, words=True)
    affect = affect_by_hand(hand.joy, hand.calm, hand.energy, hand.melancholy)
    room = asdict(request.app[_FORESEE](affect))
    del room["captured_ns"], room["devices"]
    return success("So the room would be.", room)
