"""Numbers that grow with time, unique among all processes, of at most 18 digits until 2055."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final

_EPOCH_MS: Final = 1_735_689_600_000  # 2025-01-01
_BITS: Final = 20
_ROOM: Final = 1 << _BITS


class Numbers:
    """Gives each caller a number above all that this process gave before.

    The milliseconds since 2025, and 20 bits that begin at random in each of them: two processes
    take the same number in the same millisecond once in half a million times, and then the key of
    the row says so.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0

    def __call__(self) -> int:
        now = max(1, int(self._clock() * 1000) - _EPOCH_MS)
        fresh = now * _ROOM + secrets.randbelow(_ROOM // 2)
        self._last = max(self._last + 1, fresh)
        return self._last


def number_at(ms: int) -> int:
    """Return the lowest number that could have been given at a time (ms since 1970)."""
    return max(0, ms - _EPOCH_MS) * _ROOM


new_number: Final = Numbers()


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
