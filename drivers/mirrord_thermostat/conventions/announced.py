"""A convention that a device announces by Home Assistant's discovery."""

from __future__ import annotations

from dataclasses import replace

from mirrord.mqtt import Message
from mirrord.mqtt.discovery import Unreadable
from mirrord_thermostat.convention import Manner, Report
from mirrord_thermostat.conventions.mapped import Mapped
from mirrord_thermostat.discovery import CLIMATE, Names, announcement, limits, mapped


class Announced:
    """Starts with what is known beforehand, and follows the announcement when it comes."""

    def __init__(
        self, known: Mapped, topic: str, *, limits_only: bool = False, names: Names = CLIMATE
    ) -> None:
        self._known, self._topic, self._names = known, topic, names
        self._limits_only = limits_only

    @property
    def manner(self) -> Manner:
        return self._known.manner

    def topics(self) -> frozenset[str]:
        return self._known.topics() | ({self._topic} if self._topic else set())

    def queries(self) -> tuple[Message, ...]:
        return self._known.queries()

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic != self._topic:
            return self._known.decode(topic, payload)
        if not payload:  # the device has been removed
            return Report(online=False)
        keys = announcement(payload, self._names)
        if self._limits_only:
            self._known = replace(self._known, limits=limits(keys, self._names))
            return Report(limits=self._known.limits)
        return self._follow(keys)

    @property
    def ready(self) -> bool:
        return self._known.ready

    def encode(self, setpoint: float) -> Message:
        return self._known.encode(setpoint)

    def _follow(self, keys: dict[str, object]) -> Report:
        try:
            self._known = mapped(keys, self._names)
        except Unreadable as reason:
            self._known = Mapped(command=None, setpoint=())
            return Report(problem=str(reason))
        return Report(limits=self._known.limits, problem="")
