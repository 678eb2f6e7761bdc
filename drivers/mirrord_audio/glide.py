"""Values that follow their target instead of jumping to it."""

from __future__ import annotations

import math


class Glide:
    """Moves exponentially with a time constant; the first target is taken at once."""

    __slots__ = ("_constant_s", "value")

    def __init__(self, constant_s: float, value: float | None = None) -> None:
        self._constant_s = constant_s
        self.value = value

    def towards(self, target: float, seconds: float) -> float:
        """Move towards `target` for `seconds` and return the new value."""
        if self.value is None:
            self.value = target
        else:
            self.value += (target - self.value) * -math.expm1(-seconds / self._constant_s)
        return self.value
