"""What stands announced at the broker, and what has to go from there."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from mirrord.hub.components import Component, Offer, Say, components
from mirrord.hub.discovery import Card, Discovery, announcements, farewells
from mirrord.hub.documents import asks_for_updates, documents
from mirrord.hub.topics import Topics
from mirrord.mqtt import Message

KEPT: Final = "announced"


class Announcer:
    """Remembers over restarts, in `memory`, which retained topics and entities are out there."""

    def __init__(
        self,
        how: Discovery,
        topics: Topics,
        card: Card,
        say: Say,
        expressions: bool,
        memory: MutableMapping[str, Any],
    ) -> None:
        self._how: Discovery = how
        self._topics = topics
        self._card = card
        self._say = say
        self._expressions = expressions
        self._memory = memory
        self._offered: tuple[dict[str, str], bool] | None = None

    def outdated(self, state: Mapping[str, Any]) -> bool:
        """Tell whether the mirror has other drivers than those announced, or asks for updates."""
        return self._offered is not None and _offered(state) != self._offered

    def messages(self, state: Mapping[str, Any]) -> list[Message]:
        """Return what announces the mirror as it is now, and clears what is there no more."""
        self._offered = drivers, updates = _offered(state)
        offer = Offer(self._topics, drivers, self._expressions, self._say, updates)
        found = components(offer)
        current = announcements(self._how, self._topics, self._card, found)
        stale, gone = self._exchange(state, current, found)
        cleared = [Message(topic, "", retain=True) for topic in stale]
        farewell = farewells(self._topics, self._card, gone) if self._how == "device" else []
        return [*cleared, *farewell, *current]

    def _exchange(
        self, state: Mapping[str, Any], current: list[Message], found: list[Component]
    ) -> tuple[list[str], dict[str, str]]:
        """Note what is out there. Return the topics and the entities that should not be.

        Nothing is struck off the note: a connection may be lost before a farewell has arrived, so
        each connection says it again.
        """
        topics = [self._topics.availability, *(message.topic for message in current)]
        topics += [self._topics.document(name) for name in documents(state, self._expressions)]
        entities = {one.key: one.platform for one in found} if self._how == "device" else {}
        kept = self._memory.get(KEPT) or {"topics": [], "entities": {}}
        now = {
            "topics": sorted({*kept["topics"], *topics}),
            "entities": kept["entities"] | entities,
        }
        if kept != now:
            self._memory[KEPT] = now
        gone = {key: kind for key, kind in now["entities"].items() if key not in entities}
        return [topic for topic in now["topics"] if topic not in topics], gone


def announced(memory: Mapping[str, Any]) -> list[str]:
    """Return every retained topic that the mirror has left at its broker."""
    return list((memory.get(KEPT) or {}).get("topics", []))


def _offered(state: Mapping[str, Any]) -> tuple[dict[str, str], bool]:
    drivers = {driver["name"]: driver["title"] for driver in state["drivers"]}
    return drivers, asks_for_updates(state)
