"""Whether the wall clock has been set, and a clock that only ever counts up.

A Pi without a battery starts in the past, until the network tells it the time.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

_SYNCHRONIZED: Final = Path("/run/systemd/timesync/synchronized")
_BATTERY: Final = Path("/sys/class/rtc/rtc0/hctosys")
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_ERROR: Final = 5  # adjtimex(2): TIME_ERROR, the clock is not synchronised
_TIMEX_BYTES: Final = 512  # more than any kernel's struct timex; zero asks without changing


class BootClock:
    """Milliseconds since the computer started, sleep included; and is the wall clock right?

    Once it was set it counts as right until the next start: from then on it drifts by seconds a
    week, not by years.
    """

    def __init__(self, is_set: Callable[[], bool] | None = None) -> None:
        self._look = is_set or clock_is_set
        self._set = False
        self.boot = _boot()

    def confirm(self) -> None:
        """Take the clock as right: somebody else's says the same."""
        self._set = True

    def is_set(self) -> bool:
        self._set = self._set or self._look()
        return self._set

    def ms(self) -> int:
        """Return milliseconds since the start of the computer."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def clock_is_set() -> bool:
    """Tell whether the network has set the clock, or a battery has kept it."""
    return _SYNCHRONIZED.exists() or _reads(_BATTERY, "1") or _kernel_says_so()


def _kernel_says_so() -> bool:
    with suppress(OSError, AttributeError):
        ask = ctypes.CDLL(None).adjtimex
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
        return 0 <= int(ask(buffer)) < _ERROR
    return False


def _reads(path: Path, text: str) -> bool:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="ascii").strip() == text
    return False


def _boot() -> str:
    with suppress(OSError, UnicodeDecodeError):
        return _BOOT.read_text(encoding="ascii").strip()
    return ""
