"""Which limits of the governor showed, told from what was wished and what was given. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from mirrord.model import Environment
from mirrord.safety import Limits

LimitCode = Literal[
    "fade", "brightness_cap", "flash", "brightness_held",
    "mute", "volume_cap", "volume_ramp", "volume_held",
    "comfort_band", "setpoint_wait", "setpoint_step", "humidity_wait", "humidity_step",
]  # fmt: skip
_Met = tuple[LimitCode, str]  # which limit, and of which part
# The steps of setpoints, and what it is called when they wait and when they round.
_STEPS: Final[Mapping[str, tuple[float, LimitCode, LimitCode]]] = {
    "temperature_c": (0.5, "setpoint_wait", "setpoint_step"),
    "humidity_pct": (5.0, "humidity_wait", "humidity_step"),
}
_NOTHING: Final = 1e-3


class Limit(msgspec.Struct, frozen=True):
    """A limit of the governor that showed: what was wished, and what was given."""

    code: LimitCode
    part: str
    wished: float | str
    given: float | str


def limits_met(
    wished: Environment, given: Environment, limits: Limits | None, band_c: tuple[float, float]
) -> list[Limit]:
    """Return which limits of the governor showed between what was wished and what was given.

    `limits` are None where they are not known any more; `band_c` is the comfort band (°C).
    """
    found: list[_Met] = [("fade", "transition_s")]
    found += _of_light(wished, given, limits) + _of_sound(wished, given, limits)
    found += _of_setpoints(wished, given, band_c)
    return [Limit(code, part, getattr(wished, part), getattr(given, part)) for code, part in found]


def _of_light(wished: Environment, given: Environment, limits: Limits | None) -> list[_Met]:
    part = "lighting_intensity"
    wish, got = wished.lighting_intensity, given.lighting_intensity
    if limits is None:
        return [("brightness_held", part)] if _differ(wish, got) else []
    capped = min(wish, limits.brightness_cap)
    found: list[_Met] = [("brightness_cap", part)] if _differ(wish, capped) else []
    if wished.lighting_color != given.lighting_color:
        found.append(("flash", "lighting_color"))
    elif _differ(capped, got):
        found.append(("flash", part))
    return found


def _of_sound(wished: Environment, given: Environment, limits: Limits | None) -> list[_Met]:
    part, wish, got = "audio_volume", wished.audio_volume, given.audio_volume
    if limits is None:
        return [("volume_held", part)] if _differ(wish, got) else []
    if limits.volume_cap == 0:
        return [("mute", part)]
    capped = min(wish, limits.volume_cap)
    found: list[_Met] = [("volume_cap", part)] if _differ(wish, capped) else []
    return [*found, ("volume_ramp", part)] if _differ(capped, got) else found


def _of_setpoints(
    wished: Environment, given: Environment, band_c: tuple[float, float]
) -> list[_Met]:
    low, high = band_c
    within = min(high, max(low, wished.temperature_c))
    found: list[_Met] = []
    if _differ(within, wished.temperature_c):
        found.append(("comfort_band", "temperature_c"))
    for part, goal in (("temperature_c", within), ("humidity_pct", wished.humidity_pct)):
        step, wait, rounded = _STEPS[part]
        gap = abs(goal - getattr(given, part))
        if gap > _NOTHING:
            found.append((wait if gap > 0.75 * step + _NOTHING else rounded, part))
    return found


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > _NOTHING
