"""Shelly's second generation and later: JSON-RPC over MQTT, the BLU TRV behind its gateway."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, document, number, text
from mirrord.mqtt.source import ONLINE
from mirrord_thermostat.convention import Limits, Manner, Report

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings

ASK, SET = 1, 2  # the ids of our requests, which the answers repeat
LIMITS = {"thermostat": Limits(5.0, 35.0, 0.5), "blutrv": Limits(4.0, 30.0, 0.1)}


class Shelly2:
    """`topic` is the device's prefix, `component` "thermostat:0" or "blutrv:200".

    A BLU TRV sleeps: its gateway may answer a minute later.
    """

    def __init__(self, settings: ThermostatSettings) -> None:
        self._topic = settings.topic
        self._component = settings.component or "thermostat:0"
        self._type, _, number_ = self._component.partition(":")
        self._id = int(number_) if number_.isdecimal() else 0
        self._me = f"mirrord-{secrets.token_hex(4)}"
        self._answers = f"{self._me}/rpc"
        self.manner = Manner(settle_s=90.0 if self._type == "blutrv" else 10.0)

    def topics(self) -> frozenset[str]:
        names = (f"status/{self._component}", "events/rpc", "online")
        return frozenset((self._answers, *(f"{self._topic}/{name}" for name in names)))

    def queries(self) -> tuple[Message, ...]:
        method = "BluTrv.GetStatus" if self._type == "blutrv" else "Thermostat.GetStatus"
        return (self._request(ASK, method, {"id": self._id}),)

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic == f"{self._topic}/online":
            return Report(online=ONLINE.get(text(payload).lower(), False))
        value = document(payload)
        if not isinstance(value, dict):
            raise Junk("no JSON object")
        if topic == self._answers:
            return self._answer(value)
        if topic == f"{self._topic}/events/rpc":
            value = value.get("params")
            value = value.get(self._component) if isinstance(value, dict) else None
        return self._status(value)

    @property
    def ready(self) -> bool:
        return True

    def encode(self, setpoint: float) -> Message:
        if self._type != "blutrv":
            config = {"id": self._id, "config": {"target_C": setpoint}}
            return self._request(SET, "Thermostat.SetConfig", config)
        target = {"id": 0, "target_C": setpoint}
        call = {"id": self._id, "method": "TRV.SetTarget", "params": target}
        return self._request(SET, "BluTRV.Call", call)

    def _answer(self, value: dict[str, Any]) -> Report:
        error = value.get("error")
        if isinstance(error, dict):
            return Report(problem=f"it refuses: {str(error.get('message', error))[:200]}")
        if value.get("id") == ASK:
            return self._status(value.get("result"))
        return Report(problem="")

    def _status(self, value: Any) -> Report:
        if not isinstance(value, dict):
            return Report()
        target, current, enable = (value.get(key) for key in ("target_C", "current_C", "enable"))
        return Report(
            setpoint=None if target is None else number(target),
            measured=None if current is None else number(current),
            mode=None if enable is None else ("heat" if enable else "off"),
            limits=LIMITS.get(self._type),
        )

    def _request(self, number_: int, method: str, params: dict[str, Any]) -> Message:
        call = {"id": number_, "src": self._me, "method": method, "params": params}
        return Message(f"{self._topic}/rpc", msgspec.json.encode(call).decode())
