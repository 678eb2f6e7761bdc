"""How long to wait before the next attempt."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class Backoff:
    """Exponential back-off with full jitter: uniform(0, min(cap_s, first_s * 2**failures)).

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    What comes up only to fall over again does not count as working: the failures are forgotten
    when at least `steady_s` lie between `worked()` and the next failure.
    """

    def __init__(
        self,
        first_s: float = 0.5,
        cap_s: float = 60.0,
        steady_s: float = 10.0,
        rng: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0.0 < first_s <= cap_s:
            raise ValueError("first_s must be above 0 and not above cap_s")
        self._first_s = first_s
        self._cap_s = cap_s
        self._steady_s = steady_s
        self._rng = rng or random.Random()
        self._clock = clock
        self._worked_at: float | None = None
        self.failures = 0  # in a row

    def next_s(self) -> float:
        """Count a failure and return the seconds to wait before the next attempt."""
        if self._worked_at is not None and self._clock() - self._worked_at >= self._steady_s:
            self.failures = 0
        self._worked_at = None
        # Beyond 2**63 the cap has long been reached, and a float would overflow at 2**1024.
        ceiling = min(self._cap_s, self._first_s * 2.0 ** min(self.failures, 63))
        self.failures += 1
        return self._rng.uniform(0.0, ceiling)

    def worked(self) -> None:
        """Note that the attempt came up; call it once, when it does."""
        self._worked_at = self._clock()

    def reset(self) -> None:
        """Forget every failure, as when a person asks for another try now."""
        self.failures = 0
        self._worked_at = None
