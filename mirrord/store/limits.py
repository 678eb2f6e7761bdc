"""How much is kept, and whether the clock can be trusted to delete by."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_STEP: Final = timedelta(minutes=1)
_STEADY: Final = timedelta(minutes=10)
_WAL_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """For how many days, and in how many megabytes."""

    keep_days: float
    max_mb: float
    outbox_mb: float = 8.0

    @property
    def wal_bytes(self) -> int:
        """How long the write-ahead log grows before it is worked into the file."""
        return min(_WAL_BYTES, int(self.max_mb * 1e6) // 8)

    @property
    def outbox_bytes(self) -> int:
        """How much may wait for the collective: never more than an eighth of everything."""
        return int(min(self.outbox_mb, self.max_mb / 8) * 1e6)

    @property
    def file_bytes(self) -> int:
        """What is left for the file itself; a log that grows while it is read has room as well."""
        return int(self.max_mb * 1e6) - 2 * self.wal_bytes


class SteadyClock:
    """A wall clock that is believed once it has kept step with the monotonic one for 10 minutes.

    A Pi has no battery clock: it may start years away from the truth and jump when the network
    comes. Nothing is deleted for its age by a clock that has just jumped, or just been met.
    """

    def __init__(
        self, wall: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._start()

    def trusted(self) -> datetime | None:
        """Return the time, or None while it is not believed."""
        now = self._wall()
        passed = timedelta(seconds=self._monotonic() - self._since_s)
        if abs(now - self._since - passed) > _STEP:
            self._start()
            return None
        return now if passed >= _STEADY else None

    def _start(self) -> None:
        self._since, self._since_s = self._wall(), self._monotonic()
