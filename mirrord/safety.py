"""The last thing before any driver: bounds every environment, whatever came before. Pure."""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from mirrord.by_hand import DevicePace
from mirrord.colour import luminance, redness
from mirrord.comfort import comfort_band
from mirrord.model import Environment

# WCAG 2.3.1 counts flashes: pairs of opposing changes. We allow three changes of direction a
# second, which is half of its limit, and watch saturated red apart from brightness.
MAX_REVERSALS = 3
WINDOW_S = 1.0
VOLUME_PER_S = 0.15
_STEP_C = 0.5
_STEP_PCT = 5.0
# Lowest, highest, and what stands in for a number that is none.
RANGES = {
    "lighting_intensity": (0.1, 1.0, 0.5),
    "audio_frequency_hz": (100.0, 1000.0, 220.0),
    "audio_volume": (0.0, 0.3, 0.0),
    "audio_major": (0.0, 1.0, 0.5),
    "audio_tempo_bpm": (40.0, 140.0, 80.0),
    "audio_articulation": (0.0, 1.0, 0.3),
    "particle_count": (100.0, 2000.0, 500.0),
    "animation_speed": (0.1, 3.0, 0.5),
    "temperature_c": (18.0, 28.0, 23.0),
    "humidity_pct": (30.0, 70.0, 45.0),
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the person and the house allow."""

    fade_s: float = 2.0
    brightness_cap: float = 1.0
    volume_cap: float = 0.3
    thermostat_every_s: float = 600.0


class Reversals:
    """Counts changes of direction of one signal within the last second."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._rising: bool | None = None
        self._times: deque[float] = deque()

    def allows(self, value: float, now_s: float) -> bool:
        """Return whether taking `value` now keeps the signal within its budget."""
        while self._times and now_s - self._times[0] > WINDOW_S:
            self._times.popleft()
        return not self._turns(value) or len(self._times) < MAX_REVERSALS

    def take(self, value: float, now_s: float) -> None:
        """Record that the signal went to `value`."""
        if self._turns(value):
            self._times.append(now_s)
        if self._last is not None and value != self._last:
            self._rising = value > self._last
        self._last = value

    def _turns(self, value: float) -> bool:
        if self._last is None or value == self._last or self._rising is None:
            return False
        return (value > self._last) != self._rising


class Stepper:
    """A setpoint that moves in whole steps, rarely."""

    def __init__(self, step: float) -> None:
        self._step = step
        self._value: float | None = None
        self._moved_s = -math.inf

    def to(self, wish: float, low: float, high: float, every_s: float, now_s: float) -> float:
        """Return the setpoint, a multiple of the step.

        Each `every_s` it moves by one step towards the wish, bounded to low..high, and only for
        one more than three quarters of a step away, so that a wish between two does not rock it.
        """
        at = min(math.floor(high / self._step), max(math.ceil(low / self._step), self._at(wish)))
        if self._value is None:
            self._value, self._moved_s = at * self._step, now_s
        distance = min(high, max(low, wish)) - self._value
        if now_s - self._moved_s >= every_s and abs(distance) > 0.75 * self._step:
            self._value += math.copysign(self._step, distance)
            self._moved_s = now_s
        return self._value

    def _at(self, wish: float) -> int:
        return round(wish / self._step)


class Governor:
    """Turns any sequence of environments into one that is safe for eyes, ears and boilers.

    At most three reversals of brightness (and of saturated red) a second; fades of `fade_s`; volume
    that ramps and stays under its cap; a setpoint in half degrees, within 18..28 °C and the comfort
    band |PMV| <= 0.5, minutes apart; numbers that are no numbers replaced by the last good ones.
    """

    def __init__(self) -> None:
        self._brightness = Reversals()
        self._red = Reversals()
        self._temperature = Stepper(_STEP_C)
        self._humidity = Stepper(_STEP_PCT)
        self._devices = DevicePace()
        self._good: Environment | None = None
        self._light: tuple[str, float] | None = None
        self._volume = 0.0
        self._now_s: float | None = None

    def govern(
        self, wish: Environment, limits: Limits, now_s: float, humidity_pct: float | None = None
    ) -> Environment:
        """Return the environment that the drivers may apply now.

        `now_s` is monotonic seconds; `humidity_pct` is the measured one, for the comfort band.
        """
        if self._now_s is not None:
            now_s = max(now_s, self._now_s)
        elapsed_s = 0.0 if self._now_s is None else now_s - self._now_s
        self._now_s = now_s
        wish = self._repaired(wish)
        colour, intensity = self._lit(wish, limits, now_s)
        low_c, high_c = _band(humidity_pct)
        every_s = limits.thermostat_every_s
        return replace(
            wish,
            lighting_color=colour,
            lighting_intensity=intensity,
            audio_volume=self._loud(wish, limits, elapsed_s),
            temperature_c=self._temperature.to(wish.temperature_c, low_c, high_c, every_s, now_s),
            humidity_pct=self._humidity.to(wish.humidity_pct, 30.0, 70.0, every_s, now_s),
            transition_s=limits.fade_s,
            devices=self._devices.govern(wish.devices, limits.brightness_cap, now_s),
        )

    def _repaired(self, wish: Environment) -> Environment:
        """Return the wish with every number within its range and every colour a colour."""
        good = self._good
        fields: dict[str, Any] = {
            name: _number(getattr(wish, name), low, high, getattr(good, name) if good else stand_in)
            for name, (low, high, stand_in) in RANGES.items()
        }
        fields["particle_count"] = round(fields["particle_count"])
        for name in ("lighting_color", "background_color"):
            colour = getattr(wish, name)
            valid = _COLOUR.fullmatch(colour) is not None
            fields[name] = colour if valid else getattr(good, name) if good else "#808080"
        self._good = replace(wish, **fields)
        return self._good

    def _lit(self, wish: Environment, limits: Limits, now_s: float) -> tuple[str, float]:
        """Return colour and intensity: the wished ones, or the held ones if they would flash."""
        light = wish.lighting_color, min(wish.lighting_intensity, limits.brightness_cap)
        bright = luminance(light[0]) * light[1]
        red = redness(light[0]) * light[1]
        calm = self._brightness.allows(bright, now_s) and self._red.allows(red, now_s)
        if self._light is not None and not calm:
            return self._light
        self._brightness.take(bright, now_s)
        self._red.take(red, now_s)
        self._light = light
        return light

    def _loud(self, wish: Environment, limits: Limits, elapsed_s: float) -> float:
        goal = min(wish.audio_volume, limits.volume_cap)
        reach = VOLUME_PER_S * elapsed_s
        ramped = self._volume + min(reach, max(-reach, goal - self._volume))
        self._volume = min(ramped, limits.volume_cap)
        return self._volume


def _number(value: float, low: float, high: float, otherwise: float) -> float:
    return min(high, max(low, value)) if math.isfinite(value) else otherwise


def _band(humidity_pct: float | None) -> tuple[float, float]:
    """Return the comfort band (°C) at the measured humidity, or at 50 % where none is measured."""
    known = humidity_pct is not None and math.isfinite(humidity_pct)
    return comfort_band(round(min(90.0, max(10.0, humidity_pct or 50.0))) if known else 50)
