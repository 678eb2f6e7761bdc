"""How long the room takes to answer a face."""

from __future__ import annotations

import math
import time
from collections import deque


class Latency:
    """From the capture of a frame to the end of the apply that answers it, over the last 500."""

    def __init__(self) -> None:
        self._ms: deque[float] = deque(maxlen=500)

    def add(self, captured_ns: int | None) -> None:
        """Note that a frame of this CLOCK_MONOTONIC time was answered now."""
        if captured_ns is not None:
            self._ms.append((time.monotonic_ns() - captured_ns) / 1e6)

    def quantile_ms(self, share: float) -> float | None:
        """Return the smallest latency that `share` (0..1) of them do not exceed."""
        ordered = sorted(self._ms)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
