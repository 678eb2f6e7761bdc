"""The resources under /emotions/ and the socket beside them, as a part of the page's app."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

import mirrord
from mirrord.api.mount import mount
from mirrord.api.papers import mount_papers
from mirrord.api.records import Reading as Told
from mirrord.api.records import Records
from mirrord.api.resources.table import RESOURCES
from mirrord.api.rooms import Rooms
from mirrord.api.socket import Socket
from mirrord.model import Reading
from mirrord.web.table import DEVICE


def emotions(records: Records, rooms: Rooms) -> Callable[[web.Application], None]:
    """Return the part that answers for these records and speaks in these rooms."""

    def add(app: web.Application) -> None:
        mount(app, RESOURCES, records)
        mount_papers(app, DEVICE, mirrord.__version__)
        Socket(records, rooms).mount(app)

    return add


def announce(rooms: Rooms, session_id: str, reading: Reading) -> None:
    """Tell the rooms of a reading that the camera took, before it is written."""
    if rooms.listens(session_id):
        rooms.publish(_told(session_id, reading))


def _told(session_id: str, reading: Reading) -> Told:
    """Return a reading as the resources tell it; it gets its id when it is written."""
    affect = reading.affect
    return Told(
        None,
        session_id,
        None,
        affect.joy,
        affect.calm,
        affect.energy,
        affect.melancholy,
        reading.at,
        affect.dominant_emotion,
        affect.emotion_intensity,
        reading.expression,
        reading.confidence,
        affect.valence,
        affect.arousal,
    )
