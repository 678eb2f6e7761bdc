"""A sensor: one measured value, as long as it is fresh."""

from __future__ import annotations

import logging
import math
from typing import Any

from mirrord.driver import Device, Value
from mirrord.mqtt.payload import Junk, at, document, number, number_within, text
from mirrord.mqtt.remarks import Remarks
from mirrord_thermostat.air import quality
from mirrord_thermostat.settings import SensorSettings

log = logging.getLogger(__name__)

KEYS = {"temperature": "temperature_c", "humidity": "humidity_pct", "air_quality": "air_quality"}
# Where a JSON object carries the value if no field is given: the keys of Zigbee2MQTT.
USUAL = {
    "celsius": "temperature",
    "fahrenheit": "temperature",
    "percent": "humidity",
    "ppm": "co2",
    "iaq": "iaq",
    "ugm3": "pm25",
    "word": "air_quality",
}


class Sensor:
    """Reads one value of a topic, and forgets it after `stale_s`."""

    def __init__(self, settings: SensorSettings) -> None:
        self._settings, self._unit = settings, settings.measured_in
        self.id = f"sensor:{settings.topic}:{settings.measures}"
        if settings.field:
            self.id += f":{settings.field}"
        self._name = settings.name or f"{settings.topic} {settings.measures}"
        self._value: Value = None
        self._raw: Value = None
        self._at = -math.inf
        self._remarks = Remarks(self.id, log)

    def topics(self) -> frozenset[str]:
        return frozenset((self._settings.topic,))

    def hear(self, topic: str, payload: bytes, now: float) -> None:
        """Take in one message; what is no measurement is said once and ignored."""
        if topic != self._settings.topic:
            return
        try:
            raw = self._find(payload)
            if raw is None:  # a message about something else
                return
            value = self._read(raw)
        except Junk as reason:
            self._remarks.ignored(topic, reason)
            return
        self._value, self._raw, self._at = value, _shown(raw), now

    def refused(self, why: str) -> None:
        """The broker does not let the subscription through."""
        self._remarks.tell(why)

    def device(self, now: float) -> Device:
        """Return what the page shows; None for a value that is too old."""
        fresh = now < self._at + self._settings.stale_s
        values: dict[str, Value] = {
            KEYS[self._settings.measures]: self._value if fresh else None,
            "raw": self._raw if fresh else None,
            "unit": self._unit,
            "problem": self._remarks.problem or None,
        }
        return Device(self.id, "sensor", self._name, values)

    def _find(self, payload: bytes) -> Any:
        if self._settings.field:
            return at(document(payload), self._settings.field)
        content = text(payload)
        return at(document(payload), USUAL[self._unit]) if content.startswith("{") else content

    def _read(self, raw: Any) -> Value:
        if self._unit == "celsius":
            return number_within(raw, -40.0, 60.0)
        if self._unit == "fahrenheit":
            return round((number_within(raw, -40.0, 140.0) - 32.0) / 1.8, 2)
        if self._unit == "percent":
            return number_within(raw, 0.0, 100.0)
        return quality(raw, self._unit)


def _shown(raw: Any) -> Value:
    try:
        return number(raw)
    except Junk:
        return raw.strip()[:60] if isinstance(raw, str) else None
