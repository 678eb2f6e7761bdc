"""The Room page, and what a mood would do to the room without doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from mirrord.api.caller import Caller
from mirrord.api.mount import mount
from mirrord.api.resource import Resource
from mirrord.controls import Hand
from mirrord.model import Affect, Environment
from mirrord.mood import affect_by_hand
from mirrord.web.pages import add_document

_Foresee = Callable[[Affect], Environment]


async def preview(foresee: _Foresee, _caller: Caller, hand: Hand) -> dict[str, Any]:
    """Answer the room that a mood would ask for; nothing changes."""
    affect = affect_by_hand(hand.joy, hand.calm, hand.energy, hand.melancholy)
    room = asdict(foresee(affect))
    del room["captured_ns"], room["devices"]
    return room


ROOM: Final = (
    Resource("GET", "api/preview/", "look", "So the room would be.", Hand, dict[str, Any], preview),
)


def room_part(foresee: _Foresee) -> Callable[[web.Application], None]:
    """Return the part with the Room page, which foresees the room of a mood."""

    def part(app: web.Application) -> None:
        mount(app, ROOM, foresee)
        add_document(app, "/room", "room")

    return part
