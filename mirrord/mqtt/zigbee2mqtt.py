"""Zigbee2MQTT, as far as every kind of device behind it is told of alike."""

from __future__ import annotations

from typing import Any

import msgspec

from mirrord.mqtt.payload import Junk, document, text
from mirrord.mqtt.source import ONLINE, word


class Feature(msgspec.Struct):
    """One value that a device has, and its range where it says one."""

    name: str = ""
    property: str = ""
    value_min: float | None = None
    value_max: float | None = None
    value_step: float | None = None


class _Expose(msgspec.Struct):
    type: str = ""
    features: list[Feature] = []


class _Definition(msgspec.Struct):
    exposes: list[_Expose] = []


class _Device(msgspec.Struct):
    friendly_name: str = ""
    ieee_address: str = ""
    definition: _Definition | None = None


class Bridge:
    """Where a bridge tells of one of its devices, beside the device's own topic."""

    def __init__(self, topic: str, devices: str = "") -> None:
        base, _, self.name = topic.partition("/")
        self.devices = devices or f"{base}/bridge/devices"
        self.logging = f"{base}/bridge/logging"
        self.availability = f"{topic}/availability"

    def topics(self) -> frozenset[str]:
        return frozenset((self.devices, self.logging, self.availability))

    def features(self, payload: bytes, kind: str) -> list[Feature] | None:
        """Return what its list says of the device as one of a kind; None if it is not in it.

        Raises Junk.
        """
        try:
            devices = msgspec.json.decode(payload, type=list[_Device])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Junk("no list of devices") from None
        mine = [one for one in devices if self.name in (one.friendly_name, one.ieee_address)]
        if not mine:
            return None
        exposes = mine[0].definition.exposes if mine[0].definition else []
        return [one for expose in exposes if expose.type == kind for one in expose.features]

    def complaint(self, payload: bytes) -> str | None:
        """Return what it says is wrong with the device, None for anything else. Raises Junk."""
        value = fields(payload)
        said = str(value.get("message", ""))
        if value.get("level") != "error" or f"'{self.name}'" not in said:
            return None
        return f"Zigbee2MQTT says: {said[:200]}"


def fields(payload: bytes) -> dict[str, Any]:
    """Return the JSON object that a payload is, or raise Junk."""
    value = document(payload)
    if not isinstance(value, dict):
        raise Junk("no JSON object")
    return value


def online(payload: bytes) -> bool:
    """Availability is `{"state": "online"}`, in older bridges the bare word."""
    value = text(payload)
    if value.startswith("{"):
        state = document(payload)
        value = word(state.get("state", "")) if isinstance(state, dict) else ""
    return ONLINE.get(value.lower(), False)
