"""What persons changed at the lamps themselves, in the Hue app or by a switch: left alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from mirrord_hue.lamp import State

Trait = Literal["bri", "color"]
# Lamps and bridges round, and clip to what they can do: less than this is no person's doing.
BRI_MOVED, XY_MOVED, CT_MOVED = 12, 0.03, 20
_KEYS: Mapping[Trait, tuple[str, ...]] = {"bri": ("bri",), "color": ("xy", "ct")}
SETTLE_S = 4.0  # after a fade, until a lamp's report can be believed


class Hands:
    """Compares what was sent with what a lamp says, and remembers what a person took over."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._expected: dict[str, tuple[State, float]] = {}
        self._held: dict[str, dict[Trait, float]] = {}

    def sent(self, number: str, expected: State, fade_s: float, now: float) -> None:
        """Note how a lamp should be, once a command has had its time."""
        self._expected[number] = expected, now + fade_s + SETTLE_S

    def seen(self, number: str, state: State, now: float) -> set[Trait]:
        """Take in what a lamp says; return what a person has changed since the last time."""
        expected, settled_at = self._expected.get(number, (state, now))
        if not (state.on and state.reachable and expected.on):
            self._expected.pop(number, None)  # what it does once it is back is no person's doing
            return set()
        changed = _differences(expected, state) if now >= settled_at else set()
        for trait in changed:
            self._held.setdefault(number, {})[trait] = now
        if changed:
            self._expected[number] = state, now
        return changed

    def held(self, number: str, now: float) -> set[Trait]:
        """Return what is left alone of a lamp."""
        traits = self._held.get(number, {})
        return {trait for trait, since in traits.items() if now - since < self._hold_s}

    def spared(self, number: str, command: Mapping[str, Any], now: float) -> dict[str, Any]:
        """Return a command without what is left alone."""
        left_alone = {key for trait in self.held(number, now) for key in _KEYS[trait]}
        return {key: value for key, value in command.items() if key not in left_alone}

    def expired(self, now: float) -> list[str]:
        """Return the lamps of which something follows the mood again, and forget that."""
        free = [number for number in self._held if self._drop(number, now)]
        self._held = {number: traits for number, traits in self._held.items() if traits}
        return free

    def let_go(self, number: str) -> bool:
        """Forget what was held of a lamp; return whether anything was."""
        self._expected.pop(number, None)
        return bool(self._held.pop(number, None))

    def _drop(self, number: str, now: float) -> bool:
        before, kept = self._held[number], self.held(number, now)
        self._held[number] = {trait: since for trait, since in before.items() if trait in kept}
        return len(kept) < len(before)


def _differences(expected: State, seen: State) -> set[Trait]:
    found: set[Trait] = set()
    known = expected.bri is not None and seen.bri is not None
    if known and abs((expected.bri or 0) - (seen.bri or 0)) > BRI_MOVED:
        found.add("bri")
    if expected.colormode is not None and _recoloured(expected, seen):
        found.add("color")
    return found


def _recoloured(expected: State, seen: State) -> bool:
    if seen.colormode != expected.colormode:
        return True
    if seen.colormode == "xy" and expected.xy and seen.xy:
        return math.dist(expected.xy, seen.xy) > XY_MOVED
    if seen.colormode == "ct" and expected.ct and seen.ct:
        return abs(expected.ct - seen.ct) > CT_MOVED
    return False
