"""Home Assistant's MQTT light: announced by discovery, or JSON below a base topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mirrord.mqtt import Message
from mirrord.mqtt.discovery import Unreadable
from mirrord_hub_entities import discovery
from mirrord_hub_entities.convention import Abilities, Convention, Manner, Report
from mirrord_hub_entities.conventions.json_light import JsonLight
from mirrord_hub_entities.look import Look

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings


def homeassistant(settings: LightSettings) -> Convention:
    """`topic` is a discovery topic (".../config"), which says everything, or a base topic.

    With a base topic the light speaks the JSON schema: commands at `<topic>/set`, state at
    `<topic>`, unless the settings name other topics.
    """
    if settings.topic.endswith("/config"):
        return Announced(settings.topic)
    command = settings.command_topic or f"{settings.topic}/set"
    return JsonLight(command, settings.state_topic or settings.topic)


class Announced:
    """Follows what is announced at a discovery topic, whenever that changes."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._known: Convention | None = None

    @property
    def manner(self) -> Manner:
        return self._known.manner if self._known else Manner(silent="nothing is announced there")

    @property
    def abilities(self) -> Abilities:
        return self._known.abilities if self._known else Abilities()

    @property
    def ready(self) -> bool:
        return self._known is not None and self._known.ready

    def topics(self) -> frozenset[str]:
        return (self._known.topics() if self._known else frozenset()) | {self._topic}

    def queries(self) -> tuple[Message, ...]:
        return ()

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic != self._topic:
            return self._known.decode(topic, payload) if self._known else Report()
        if not payload:  # the light has been removed
            return Report(online=False)
        return self._follow(discovery.announcement(payload))

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        return self._known.encode(look, fade_s) if self._known else ()

    def _follow(self, keys: Mapping[str, Any]) -> Report:
        try:
            self._known = discovery.light(keys)
        except Unreadable as reason:
            self._known = None
            return Report(problem=str(reason))
        return Report(problem="")
