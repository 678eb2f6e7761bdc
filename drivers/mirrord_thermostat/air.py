"""Air quality in words, from what sensors count."""

from __future__ import annotations

from typing import Any

from mirrord.driver import AirQuality
from mirrord.mqtt.payload import Junk, number_within

# Upper ends of excellent, good and moderate.
# ppm: CO2 of EN 13779:2007, classes IDA 1 to 3: 400, 600 and 1000 ppm above outdoor air (400 ppm).
# iaq: the index of Bosch's BSEC library (BME680 data sheet, table 4): excellent to 50, good to 100,
#      lightly polluted to 150.
# ugm3: PM2.5 by the WHO's global guidelines of 2021: 5 as a year's mean, 15 as a day's mean,
#      25 as the day's interim target 4.
BANDS: dict[str, tuple[float, float, float]] = {
    "ppm": (800.0, 1000.0, 1400.0),
    "iaq": (50.0, 100.0, 150.0),
    "ugm3": (5.0, 15.0, 25.0),
}
PLAUSIBLE = {"ppm": (100.0, 40_000.0), "iaq": (0.0, 500.0), "ugm3": (0.0, 5_000.0)}
ORDER: tuple[AirQuality, ...] = ("excellent", "good", "moderate")
WORDS: dict[str, AirQuality] = {  # what Zigbee sensors and others say
    "excellent": "excellent",
    "good": "good",
    "fair": "moderate",
    "moderate": "moderate",
    "poor": "needs_improvement",
    "bad": "needs_improvement",
    "unhealthy": "needs_improvement",
    "hazardous": "needs_improvement",
    "needs_improvement": "needs_improvement",
    "out_of_range": "needs_improvement",
}


def quality(value: Any, unit: str) -> AirQuality:
    """Return the word for a value in "ppm", "iaq", "ugm3" or "word". Raises Junk."""
    if unit == "word":
        known = (
            WORDS.get(value.strip().lower().replace(" ", "_")) if isinstance(value, str) else None
        )
        if known is None:
            raise Junk("no word for air quality")
        return known
    counted = number_within(value, *PLAUSIBLE[unit])
    for word, end in zip(ORDER, BANDS[unit], strict=True):
        if counted <= end:
            return word
    return "needs_improvement"
