"""ESPHome's light component over MQTT: `<prefix>/light/<id>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt.source import Source
from mirrord_hub_entities.convention import Manner
from mirrord_hub_entities.conventions.json_light import JsonLight

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings


def esphome(settings: LightSettings) -> JsonLight:
    """State and commands are JSON; the state is retained, and so known at once."""
    topic = settings.topic
    prefix, _, _ = topic.rpartition("/light/")
    return JsonLight(
        command=f"{topic}/command",
        state=f"{topic}/state",
        online=(Source(f"{prefix}/status"),) if prefix else (),
        says_on=False,
        effects=True,
        manner=Manner(calm="None"),
    )
