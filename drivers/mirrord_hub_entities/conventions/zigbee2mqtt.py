"""Zigbee2MQTT: `zigbee2mqtt/<name>`, a light or a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, document, text
from mirrord.mqtt.source import ONLINE, word
from mirrord_hub_entities.convention import WHITES, Abilities, Manner, Report
from mirrord_hub_entities.conventions.json_light import JsonLight
from mirrord_hub_entities.look import Look

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings

MANNER = Manner(settle_s=5.0)
TOP = 254.0  # of the Zigbee cluster "level control"


class _Feature(msgspec.Struct):
    name: str = ""
    value_min: float | None = None
    value_max: float | None = None


class _Expose(msgspec.Struct):
    type: str = ""
    features: list[_Feature] = []


class _Definition(msgspec.Struct):
    exposes: list[_Expose] = []


class _Device(msgspec.Struct):
    friendly_name: str = ""
    ieee_address: str = ""
    definition: _Definition | None = None


class Zigbee2Mqtt:
    """What a light can do comes from the bridge's list of devices, or from what it reports.

    The bridge tells from memory what `/get` asks for and merges what the light answers.
    """

    manner = MANNER
    ready = True

    def __init__(self, settings: LightSettings) -> None:
        topic = settings.topic
        base, _, self._name = topic.partition("/")
        self._devices, self._logging = f"{base}/bridge/devices", f"{base}/bridge/logging"
        self._availability = f"{topic}/availability"
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
        return self._light.topics() | {self._devices, self._logging, self._availability}

    def queries(self) -> tuple[Message, ...]:
        return self._light.queries()

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic == self._devices:
            return self._described(payload)
        if topic == self._logging:
            return self._complaint(payload)
        if topic == self._availability:
            return Report(online=_online(payload))
        return self._light.decode(topic, payload)

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        return self._light.encode(look, fade_s)

    def _described(self, payload: bytes) -> Report:
        try:
            devices = msgspec.json.decode(payload, type=list[_Device])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Junk("no list of devices") from None
        mine = [one for one in devices if self._name in (one.friendly_name, one.ieee_address)]
        if not mine:  # it may be a group, of which the bridge speaks elsewhere
            return Report()
        exposes = mine[0].definition.exposes if mine[0].definition else []
        features = [one for expose in exposes if expose.type == "light" for one in expose.features]
        if not features:
            return Report(problem=f"Zigbee2MQTT does not know {self._name} as a light")
        self._light.abilities, self._light.announced = _abilities(features), True
        return Report(problem="")

    def _complaint(self, payload: bytes) -> Report:
        value = document(payload)
        if not isinstance(value, dict):
            raise Junk("no JSON object")
        said = str(value.get("message", ""))
        if value.get("level") != "error" or f"'{self._name}'" not in said:
            return Report()
        return Report(problem=f"Zigbee2MQTT says: {said[:200]}")


def _abilities(features: list[_Feature]) -> Abilities:
    by_name = {one.name: one for one in features}
    white = by_name.get("color_temp")
    whites = None
    if white is not None:
        whites = (round(white.value_min or WHITES[0]), round(white.value_max or WHITES[1]))
    colours = "color_xy" in by_name or "color_hs" in by_name
    return Abilities("brightness" in by_name, colours, whites)


def _online(payload: bytes) -> bool:
    """Availability is `{"state": "online"}`, in older bridges the bare word."""
    value = text(payload)
    if value.startswith("{"):
        state = document(payload)
        value = word(state.get("state", "")) if isinstance(state, dict) else ""
    return ONLINE.get(value.lower(), False)
