"""What is commanded at once: one lamp, or a group whose lamps move together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mirrord.driver import DeviceWish, Environment
from mirrord.lamp_colour import Point, to_mired, to_xy
from mirrord_hue.budget import Kind
from mirrord_hue.colour import to_bri, within_all
from mirrord_hue.lamp import Lamp

Part = Literal["xy", "ct", "bri"]
LAMP_PARTS: frozenset[Part] = frozenset({"xy", "ct", "bri"})
# Steps that nobody sees are not worth a command: of chromaticity (the size of MacAdam's ellipses,
# 1942), of mired, and of brightness (a 7.4 % step of light is just noticed,
# Hu & Davis 2016).
XY_STEP, CT_STEP, BRI_STEP = 0.002, 3, 2
MAX_TRANSITION_DS = 65_535


@dataclass(slots=True)
class Unit:
    """Lamps under one command, and what was sent to them last.

    `parts` says which of a command's parts are its own: in a group that mixes colours and tunable
    whites the group's command carries colour and brightness, and each white its own ct.
    """

    kind: Kind
    number: str
    lamps: tuple[str, ...]  # numbers
    parts: frozenset[Part] = LAMP_PARTS
    sent: dict[str, Any] = field(default_factory=dict)
    sent_at: float = float("-inf")  # monotonic seconds

    def wish(self, environment: Environment, lamps: Sequence[Lamp]) -> dict[str, Any]:
        """Return the state that the unit's lamps should be in."""
        wish: dict[str, Any] = {}
        point = to_xy(environment.lighting_color)
        gamuts = [lamp.gamut for lamp in lamps if lamp.gamut is not None]
        if "xy" in self.parts and gamuts:
            wish["xy"] = _rounded(within_all(point, gamuts))
        elif "ct" in self.parts:
            whites = [lamp.whites for lamp in lamps if lamp.whites is not None]
            if whites:
                coolest, warmest = max(low for low, _ in whites), min(high for _, high in whites)
                wish["ct"] = to_mired(point, coolest, warmest)
        if "bri" in self.parts:
            wish["bri"] = to_bri(environment.lighting_intensity)
        return wish

    def news(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts of a wish that differ visibly from what was sent last."""
        return {key: value for key, value in wish.items() if _moved(key, self.sent.get(key), value)}


def wish_of(environment: Environment, lamps: Sequence[Lamp]) -> Environment:
    """Return the environment for lamps; for a single one, as a person wants that one."""
    asked = environment.wish_for(lamps[0].device_id) if len(lamps) == 1 else DeviceWish()
    share = environment.lighting_intensity if asked.brightness is None else asked.brightness
    return replace(
        environment,
        lighting_color=asked.color or environment.lighting_color,
        lighting_intensity=share * asked.gain,
    )


def transition_ds(seconds: float) -> int:
    """Return the API's transitiontime, in tenths of a second."""
    return min(MAX_TRANSITION_DS, max(0, round(seconds * 10.0)))


def _rounded(point: Point) -> list[float]:
    # A bridge keeps four decimals.
    return [round(point[0], 4), round(point[1], 4)]


def _moved(key: str, before: Any, now: Any) -> bool:
    if before is None:
        return True
    if key == "xy":
        return any(abs(a - b) >= XY_STEP for a, b in zip(before, now, strict=True))
    return bool(abs(now - before) >= (CT_STEP if key == "ct" else BRI_STEP))
