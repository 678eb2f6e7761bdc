"""How the vision process is doing, in figures."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

_OVER_S = 3.0


class Meter:
    """Durations of one kind of work, and how many there were a second."""

    def __init__(self) -> None:
        self._done: deque[tuple[float, float]] = deque(maxlen=500)

    def add(self, now_s: float, took_ms: float) -> None:
        self._done.append((now_s, took_ms))

    def median_ms(self) -> float:
        """Return the median of the last 50, 0 if there were none."""
        last = sorted([took_ms for _, took_ms in self._done][-50:])
        return last[len(last) // 2] if last else 0.0

    def rate(self, now_s: float) -> float:
        """Return how many a second there were lately."""
        return sum(1 for at_s, _ in self._done if now_s - at_s <= _OVER_S) / _OVER_S


def memory_mb(statm: Path = Path("/proc/self/statm")) -> float:
    """Return the resident memory of this process in MB (10^6 bytes)."""
    pages = int(statm.read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
