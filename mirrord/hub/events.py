"""What has happened between two looks at the mirror. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirrord.hub.components import MOOD_EVENT

State = Mapping[str, Any]


def happened(before: State, now: State, expressions: bool) -> list[dict[str, Any]]:
    """Return the events, the oldest first, as the payloads of the event topic."""
    found: list[dict[str, Any]] = []
    old, new = before["session"], now["session"]
    if old and (not new or new["id"] != old["id"]):
        found.append({"event_type": "session_ended", "seconds": int(old["seconds"])})
    if new and (not old or new["id"] != old["id"]):
        found.append({"event_type": "session_started"})
    if expressions and _mood(now) and _mood(now) != _mood(before):
        found.append({"event_type": MOOD_EVENT, "from": _mood(before), "to": _mood(now)})
    return found


def _mood(state: State) -> str | None:
    mood = state["mood"]
    return mood["dominant_emotion"] if mood["present"] else None
