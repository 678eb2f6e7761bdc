"""The safety of what a person asks of single devices: bounded, and never a flash. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mirrord.model import DeviceWish

# Two changes make one flash at most: at this pace no device flashes more than three times in any
# second (WCAG 2.3.1), whoever moves its slider.
PACE_S: Final = 0.4
_COLOUR: Final = re.compile("#[0-9A-Fa-f]{6}")
_NOTHING: Final = DeviceWish()


class DevicePace:
    """Lets each device's wish change at most every `PACE_S`."""

    def __init__(self) -> None:
        self._given: dict[str, tuple[DeviceWish, float]] = {}

    def govern(
        self, wishes: Mapping[str, DeviceWish], brightness_cap: float, now_s: float
    ) -> dict[str, DeviceWish]:
        """Return the wishes that may be given now; `now_s` is monotonic seconds."""
        for device in {*wishes, *self._given}:
            wish = sound(wishes.get(device, _NOTHING), brightness_cap)
            given, since_s = self._given.get(device, (_NOTHING, -math.inf))
            if wish != given and now_s - since_s >= PACE_S:
                self._given[device] = wish, now_s
            elif wish == given == _NOTHING and now_s - since_s >= PACE_S:
                self._given.pop(device, None)
        return {name: wish for name, (wish, _) in self._given.items() if wish != _NOTHING}


def sound(wish: DeviceWish, brightness_cap: float) -> DeviceWish:
    """Return the wish within its bounds; what makes no sense follows the mood."""
    color = wish.color if wish.color and _COLOUR.fullmatch(wish.color) else None
    brightness = _within(wish.brightness, 0.0, brightness_cap)
    gain = _within(wish.gain, 0.0, 1.0)
    return replace(
        wish,
        gain=1.0 if gain is None else gain,
        color=color,
        brightness=brightness,
        setpoint_c=_within(wish.setpoint_c, 5.0, 30.0),
    )


def _within(value: float | None, low: float, high: float) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return min(high, max(low, value))
