"""Where the figures come from that are read when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sources:
    """`counted` is what each driver has applied and failed at; the rest are totals since start."""

    state: Callable[[], dict[str, Any]]
    counted: Callable[[], Mapping[str, tuple[int, int]]]
    flushes: Callable[[], int]
    restarts: Callable[[], int]
    sockets: Callable[[], int]
