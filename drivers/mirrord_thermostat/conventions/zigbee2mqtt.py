"""Zigbee2MQTT: `zigbee2mqtt/<name>`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, document, number, plain, text
from mirrord.mqtt.source import ONLINE, word
from mirrord_thermostat.convention import Limits, Manner, Report

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings

KEYS = ("occupied_heating_setpoint", "current_heating_setpoint")


class _Feature(msgspec.Struct):
    name: str = ""
    property: str = ""
    value_min: float | None = None
    value_max: float | None = None
    value_step: float | None = None


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
    """The setpoint's key and its range come from the bridge's list of devices.

    The bridge answers a command with an echo of it, whatever the device makes of it later, so the
    later report counts. A sleeping radiator valve may take a minute.
    """

    manner = Manner(echoes=True, settle_s=60.0)

    def __init__(self, settings: ThermostatSettings) -> None:
        self._topic = settings.topic
        base, _, self._name = settings.topic.partition("/")
        self._devices = settings.discovery_topic or f"{base}/bridge/devices"
        self._logging = f"{base}/bridge/logging"
        self._availability = f"{settings.topic}/availability"
        self._key = settings.setpoint_field
        self._fixed_key = bool(settings.setpoint_field)

    def topics(self) -> frozenset[str]:
        return frozenset((self._topic, self._devices, self._logging, self._availability))

    def queries(self) -> tuple[Message, ...]:
        keys = ("local_temperature", self._key) if self._key else ("local_temperature",)
        return tuple(Message(f"{self._topic}/get", _json({key: ""})) for key in keys)

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic == self._devices:
            return self._announced(payload)
        if topic == self._availability:
            return Report(online=_online(payload))
        value = document(payload)
        if not isinstance(value, dict):
            raise Junk("no JSON object")
        return self._complaint(value) if topic == self._logging else self._state(value)

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
        try:
            devices = msgspec.json.decode(payload, type=list[_Device])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Junk("no list of devices") from None
        mine = [one for one in devices if self._name in (one.friendly_name, one.ieee_address)]
        if not mine:
            return Report(problem=f"Zigbee2MQTT knows no device called {self._name}")
        feature = self._setpoint_of(mine[0])
        if feature is None:
            return Report(problem="it has no heating setpoint")
        self._key = feature.property or feature.name
        limits = Limits(feature.value_min, feature.value_max, feature.value_step or None)
        return Report(limits=limits, problem="")

    def _setpoint_of(self, device: _Device) -> _Feature | None:
        exposes = device.definition.exposes if device.definition else []
        every = [one for expose in exposes if expose.type == "climate" for one in expose.features]
        if self._fixed_key:
            return next((one for one in every if self._key in (one.property, one.name)), None)
        return next((one for key in KEYS for one in every if one.name == key), None)

    def _complaint(self, value: dict[str, Any]) -> Report:
        said = str(value.get("message", ""))
        if value.get("level") != "error" or f"'{self._name}'" not in said:
            return Report()
        return Report(problem=f"Zigbee2MQTT says: {said[:200]}")


def _online(payload: bytes) -> bool:
    """Availability is `{"state": "online"}`, in older bridges the bare word."""
    value = text(payload)
    if value.startswith("{"):
        state = document(payload)
        value = word(state.get("state", "")) if isinstance(state, dict) else ""
    return ONLINE.get(value.lower(), False)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
