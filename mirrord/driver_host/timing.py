"""Deadlines and pauses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Deadlines and pauses of the host, in seconds."""

    open_s: float = 15.0
    apply_s: float = 10.0
    close_s: float = 5.0
    heartbeat_s: float = 5.0
    backoff_first_s: float = 0.5
    backoff_cap_s: float = 60.0
    steady_s: float = 10.0  # ready for less does not count as having worked
    stall_s: float = 1.0  # a driver that blocks the loop for longer is named
