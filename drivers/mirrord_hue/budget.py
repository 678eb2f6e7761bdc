"""How much a bridge takes: 10 commands a second to lights, 1 a second to groups, pauses."""

from __future__ import annotations

import random
from collections import deque
from typing import Literal

Kind = Literal["lights", "groups"]
# Source: Philips Hue developer documentation, "System performance".
COMMANDS_A_SECOND: dict[Kind, int] = {"lights": 10, "groups": 1}
WINDOW_S = 1.0
FIRST_PAUSE_S, MAX_PAUSE_S = 1.0, 30.0


class Budget:
    """Says when the next command may go. Times are of one monotonic clock, in seconds.

    In no window of a second do more commands end than are allowed. A command counts from its
    answer, so the bridge, which saw it before, sees no more either.
    """

    def __init__(self) -> None:
        self._ended = {kind: deque[float](maxlen=n) for kind, n in COMMANDS_A_SECOND.items()}
        self._paused_until = float("-inf")
        self.refusals = 0  # in a row

    def wait_s(self, kind: Kind, now: float, count: int = 1) -> float:
        """Return how long to wait before `count` commands may follow one another, 0 for now."""
        wait = self._paused_until - now
        ended = self._ended[kind]
        over = len(ended) + count - COMMANDS_A_SECOND[kind]
        if over > 0:
            wait = max(wait, ended[over - 1] + WINDOW_S - now)
        return max(0.0, wait)

    def spend(self, kind: Kind, now: float) -> None:
        """Count a command whose answer has come, or is not waited for any longer."""
        self._ended[kind].append(now)

    def accepted(self) -> None:
        """Forget past refusals."""
        self.refusals = 0

    def refused(self, asked_s: float, now: float) -> None:
        """Pause after "too many requests": as long as the bridge asks, or ever longer.

        The jitter keeps two mirrors at one bridge from coming back together.
        """
        longest = min(MAX_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self.refusals, 10))
        self.refusals += 1
        pause_s = asked_s or random.uniform(longest / 2.0, longest)
        self._paused_until = max(self._paused_until, now + pause_s)
