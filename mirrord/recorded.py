"""What the mirror records, offered to programs: its store behind the resources and the socket."""

from __future__ import annotations

from collections.abc import Callable

from mirrord.api.rooms import Rooms
from mirrord.engine import Engine
from mirrord.health import Health
from mirrord.model import UNSURE, Affect, Environment, Measured, Mood
from mirrord.response import respond
from mirrord.store import Store
from mirrord.web.app import Part
from mirrord.web.emotions import announce, emotions
from mirrord.web.records import DeviceRecords


def emotions_part(
    store: Store, engine: Engine, measured: Callable[[], Measured], health: Callable[[], Health]
) -> Part:
    """Return the part of the page's application that answers under /emotions/ and /ws/emotions/.

    Readings that the camera takes are told to the socket as they are handed to the store.
    """
    rooms = Rooms()

    def respond_by_hand(affect: Affect) -> Environment:
        mood = Mood(affect, UNSURE, confidence=1.0, people=1, present=True)
        return respond(mood, measured(), engine.config.room.comfort_c)

    def end(session_id: str) -> None:
        current = engine.sessions.current
        if current is not None and current.id == session_id:
            engine.close()  # the next face begins another one

    store.on_reading(lambda session_id, reading: announce(rooms, session_id, reading))
    return emotions(DeviceRecords(store, rooms, respond_by_hand, end, health), rooms)
