"""What the sensors of all drivers say together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast, get_args

from mirrord.model import AirQuality, Device, Measured, Value


def newest_measured(devices: Sequence[Device]) -> Measured:
    """Return the newest value of each kind; `devices` are in the order of their reports.

    A value of the wrong type or beyond belief (a sensor that lies) counts as none.
    """
    temperature_c: float | None = None
    humidity_pct: float | None = None
    air_quality: AirQuality | None = None
    for values in (device.values for device in devices if device.kind == "sensor"):
        temperature_c = _number(values.get("temperature_c"), -50.0, 80.0, temperature_c)
        humidity_pct = _number(values.get("humidity_pct"), 0.0, 100.0, humidity_pct)
        if values.get("air_quality") in get_args(AirQuality):
            air_quality = cast(AirQuality, values["air_quality"])
    return Measured(temperature_c, humidity_pct, air_quality)


def _number(value: Value, low: float, high: float, otherwise: float | None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return otherwise
    return float(value) if low <= value <= high else otherwise
