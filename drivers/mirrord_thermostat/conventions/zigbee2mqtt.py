"""Zigbee2MQTT: `zigbee2mqtt/<name>`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mirrord.mqtt import Message
from mirrord.mqtt.payload import number, plain
from mirrord.mqtt.source import word
from mirrord.mqtt.zigbee2mqtt import Bridge, Feature, fields, online
from mirrord_thermostat.convention import Limits, Manner, Report

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings

KEYS = ("occupied_heating_setpoint", "current_heating_setpoint")


class Zigbee2Mqtt:
    """The setpoint's key and its range come from the bridge's list of devices.

    The bridge answers a command with an echo of it, whatever the device makes of it later, so the
    later report counts. A sleeping radiator valve may take a minute.
    """

    manner = Manner(echoes=True, settle_s=60.0)

    def __init__(self, settings: ThermostatSettings) -> None:
        self._topic = settings.topic
        self._bridge = Bridge(settings.topic, settings.discovery_topic)
        self._key = settings.setpoint_field
        self._fixed_key = bool(settings.setpoint_field)

    def topics(self) -> frozenset[str]:
        return self._bridge.topics() | {self._topic}

    def queries(self) -> tuple[Message, ...]:
        keys = ("local_temperature", self._key) if self._key else ("local_temperature",)
        return tuple(Message(f"{self._topic}/get", _json({key: ""})) for key in keys)

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic == self._bridge.devices:
            return self._announced(payload)
        if topic == self._bridge.availability:
            return Report(online=online(payload))
        if topic == self._bridge.logging:
            return Report(problem=self._bridge.complaint(payload))
        return self._state(fields(payload))

    @property
    def ready(self) -> bool:
        return bool(self._key)

    def encode(self, setpoint: float) -> Message:
        return Message(f"{self._topic}/set", f'{{"{self._key}": {plain(setpoint)}}}')

    def _state(self, value: dict[str, Any]) -> Report:
        if not self._key:
            self._key = next((key for key in KEYS if key in value), "")
        setpoint, measured = value.get(self._key), value.get("local_temperature")
        mode = value.get("system_mode")
        return Report(
            setpoint=None if setpoint is None else number(setpoint),
            measured=None if measured is None else number(measured),
            mode=None if mode is None else word(mode),
        )

    def _announced(self, payload: bytes) -> Report:
        features = self._bridge.features(payload, "climate")
        if features is None:
            return Report(problem=f"Zigbee2MQTT knows no device called {self._bridge.name}")
        feature = self._setpoint_of(features)
        if feature is None:
            return Report(problem="it has no heating setpoint")
        self._key = feature.property or feature.name
        limits = Limits(feature.value_min, feature.value_max, feature.value_step or None)
        return Report(limits=limits, problem="")

    def _setpoint_of(self, features: list[Feature]) -> Feature | None:
        if self._fixed_key:
            return next((one for one in features if self._key in (one.property, one.name)), None)
        return next((one for key in KEYS for one in features if one.name == key), None)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
