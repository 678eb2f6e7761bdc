"""How many commands a bridge takes."""

from __future__ import annotations

import time
from collections import deque


class RateLimit:
    """At most `count` events within any `window_s` seconds."""

    def __init__(self, count: int, window_s: float = 1.0) -> None:
        self.count = count
        self._window_s = window_s
        self._times: deque[float] = deque()

    def take(self) -> bool:
        """Return whether one more may pass now, and count it if so."""
        now = time.monotonic()
        while self._times and now - self._times[0] >= self._window_s:
            self._times.popleft()
        if len(self._times) >= self.count:
            return False
        self._times.append(now)
        return True
