"""Homie 4 (`homie/<device>/<node>/<property>`) and 5 (`homie/5/<device>/<node>/<property>`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, at, document, number, plain, text
from mirrord.mqtt.source import ONLINE, Source, read, word
from mirrord_thermostat.convention import Limits, Manner, Report

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings

PARTS = 4  # of "homie/<device>/<node>/<property>"


class Homie:
    """The property is a retained number; its range is `$format` (4) or in `$description` (5)."""

    manner = Manner()

    def __init__(self, settings: ThermostatSettings) -> None:
        parts = settings.topic.split("/")
        self._node, self._property = (*parts, "", "")[-2:] if len(parts) < PARTS else parts[-2:]
        device = "/".join(parts[:-2])
        self._topic, self._state = settings.topic, f"{device}/$state"
        self._five = len(parts) > PARTS and parts[-PARTS] == "5"
        self._description = f"{device}/$description" if self._five else ""
        self._attributes = () if self._five else (f"{self._topic}/$format", f"{self._topic}/$unit")
        self._foreign = False
        self._measured = _sources(settings.measured_topic, settings.measured_field)
        self._mode = _sources(settings.mode_topic, settings.mode_field)

    def topics(self) -> frozenset[str]:
        extra = (source.topic for source in self._measured + self._mode)
        fixed = (self._topic, self._state, self._description, *self._attributes)
        return frozenset(topic for topic in (*fixed, *extra) if topic)

    def queries(self) -> tuple[Message, ...]:
        return ()  # everything is retained

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic == self._state:
            return Report(online=ONLINE.get(text(payload).lower(), False))
        if topic == self._description:
            return self._described(document(payload))
        if topic in self._attributes:
            return self._attribute(topic, text(payload))
        return self._values(topic, payload)

    @property
    def ready(self) -> bool:
        return not self._foreign

    def encode(self, setpoint: float) -> Message:
        return Message(f"{self._topic}/set", plain(setpoint))

    def _values(self, topic: str, payload: bytes) -> Report:
        setpoint = text(payload) if topic == self._topic else None
        measured = read(self._measured, topic, payload)
        mode = read(self._mode, topic, payload)
        return Report(
            setpoint=None if not setpoint else number(setpoint),
            measured=None if measured is None else number(measured),
            mode=None if mode is None else word(mode),
        )

    def _attribute(self, topic: str, value: str) -> Report:
        if topic.endswith("$unit"):
            return Report(problem=self._counted_in(value))
        return Report(limits=_limits(value))

    def _described(self, description: Any) -> Report:
        nodes = at(description, "nodes")
        node = nodes.get(self._node) if isinstance(nodes, dict) else None
        properties = at(node, "properties")
        mine = properties.get(self._property) if isinstance(properties, dict) else None
        if not isinstance(properties, dict) or not isinstance(mine, dict):
            return Report(problem=f"its description has no property {self._node}/{self._property}")
        if not self._measured:
            self._measured = self._thermometer(properties)
        form = mine.get("format")
        limits = _limits(form) if isinstance(form, str) else Limits()
        return Report(limits=limits, problem=self._counted_in(mine.get("unit", "")))

    def _counted_in(self, unit: Any) -> str:
        problem = _unit_problem(unit)
        self._foreign = bool(problem)
        return problem

    def _thermometer(self, properties: dict[str, Any]) -> tuple[Source, ...]:
        """Return the node's temperature that cannot be set: what it measures."""
        for name, one in properties.items():
            if at(one, "unit") == "°C" and not at(one, "settable"):
                return (Source(f"{self._topic.rpartition('/')[0]}/{name}"),)
        return ()


def _sources(topic: str, field: str) -> tuple[Source, ...]:
    return (Source(topic, field),) if topic else ()


def _unit_problem(unit: Any) -> str:
    known = str(unit).lstrip("°").upper() in ("C", "")
    return "" if known else f"it counts in {str(unit)[:10]}: it has to be °C"


def _limits(form: str) -> Limits:
    """Read "5:30" (Homie 4) or "5:30:0.5" (Homie 5), where each part may be empty."""
    parts = form.split(":")
    if not 1 < len(parts) < PARTS:
        raise Junk("no range")
    low, high, step = (number(part) if part else None for part in (*parts, "")[:3])
    return Limits(low, high, step if step and step > 0 else None)
