"""Where a device tells a value: a topic, and a place in what is said there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mirrord.mqtt.payload import Junk, at, document, text

ONLINE = {"online": True, "true": True, "ready": True, "1": True, "on": True}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value is read: a topic, a field of its JSON ("" for the whole payload).

    `words` translates what a device says ("0") into what it means ("off").
    """

    topic: str
    field: str = ""
    words: tuple[tuple[str, str], ...] = ()


Sources = tuple[Source, ...]


def read(sources: Sources, topic: str, payload: bytes) -> Any:
    """Return what the first source that this message feeds says, or None. Raises Junk."""
    for source in sources:
        if source.topic != topic:
            continue
        value = at(document(payload), source.field) if source.field else text(payload)
        if value is not None and value != "":
            return dict(source.words).get(word(value), value) if source.words else value
    return None


def word(value: Any) -> str:
    """Return a mode or a state in lower case ("HEAT", true: "heat", "true"), or raise Junk."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if not isinstance(value, str) or len(value) > 60:
        raise Junk("no word")
    return value.strip().lower()


def online(sources: Sources, topic: str, payload: bytes) -> bool | None:
    """Return whether a device says that it is there, None where it says nothing. Raises Junk."""
    value = read(sources, topic, payload)
    return None if value is None else ONLINE.get(word(value), False)
