"""What one look does not show: how long something has lasted, how often it has happened."""

from __future__ import annotations

from collections import deque
from typing import Final

from mirrord.wire import CameraState

PATIENCE_S: Final = 45.0  # a camera may take so long to open, the first time
WITHIN_S: Final = 600.0


class CameraWatch:
    """Tells whether the camera has failed since it last gave pictures. Times are monotonic."""

    def __init__(self, now_s: float) -> None:
        self._since_s = now_s
        self._opening = True
        self._failed = False

    def take(self, state: CameraState, now_s: float) -> None:
        """Note a state."""
        if state == "opening":
            if not self._opening:
                self._since_s = now_s
            self._opening = True
            return
        self._opening = False
        self._failed = state in ("missing", "stalled")

    def failed(self, now_s: float) -> bool:
        return self._failed or (self._opening and now_s - self._since_s > PATIENCE_S)


class Recently:
    """Counts how much a total has grown within the last ten minutes."""

    def __init__(self, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        self._total = 0
        self._times: deque[float] = deque(maxlen=1000)

    def count(self, total: int, now_s: float) -> int:
        """Take in the total as it is now."""
        self._times.extend([now_s] * min(total - self._total, 1000))
        self._total = total
        while self._times and now_s - self._times[0] > self._within_s:
            self._times.popleft()
        return len(self._times)
