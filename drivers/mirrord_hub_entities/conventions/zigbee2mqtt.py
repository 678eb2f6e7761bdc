"""Zigbee2MQTT: `zigbee2mqtt/<name>`, a light or a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt import Message
from mirrord.mqtt.zigbee2mqtt import Bridge, Feature, online
from mirrord_hub_entities.convention import WHITES, Abilities, Manner, Report
from mirrord_hub_entities.conventions.json_light import JsonLight
from mirrord_hub_entities.look import Look

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings

MANNER = Manner(settle_s=5.0)
TOP = 254.0  # of the Zigbee cluster "level control"


class Zigbee2Mqtt:
    """What a light can do comes from the bridge's list of devices, or from what it reports.

    The bridge tells from memory what `/get` asks for and merges what the light answers.
    """

    manner = MANNER
    ready = True

    def __init__(self, settings: LightSettings) -> None:
        topic = settings.topic
        self._bridge = Bridge(topic)
        self._light = JsonLight(
            command=f"{topic}/set",
            state=topic,
            ask=(Message(f"{topic}/get", '{"state": ""}'),),
            top=TOP,
            form="xy",
            says_on=False,
        )

    @property
    def abilities(self) -> Abilities:
        return self._light.abilities

    def topics(self) -> frozenset[str]:
        return self._light.topics() | self._bridge.topics()

    def queries(self) -> tuple[Message, ...]:
        return self._light.queries()

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic == self._bridge.devices:
            return self._described(payload)
        if topic == self._bridge.logging:
            return Report(problem=self._bridge.complaint(payload))
        if topic == self._bridge.availability:
            return Report(online=online(payload))
        return self._light.decode(topic, payload)

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        return self._light.encode(look, fade_s)

    def _described(self, payload: bytes) -> Report:
        features = self._bridge.features(payload, "light")
        if features is None:  # it may be a group, of which the bridge speaks elsewhere
            return Report()
        if not features:
            return Report(problem=f"Zigbee2MQTT does not know {self._bridge.name} as a light")
        self._light.abilities, self._light.announced = _abilities(features), True
        return Report(problem="")


def _abilities(features: list[Feature]) -> Abilities:
    by_name = {one.name: one for one in features}
    white = by_name.get("color_temp")
    whites = None
    if white is not None:
        whites = (round(white.value_min or WHITES[0]), round(white.value_max or WHITES[1]))
    colours = "color_xy" in by_name or "color_hs" in by_name
    return Abilities("brightness" in by_name, colours, whites)
