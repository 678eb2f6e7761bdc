"""Waiting for what comes about by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(
    holds: Callable[[], object], what: str = "it comes about", within_s: float = 60.0
) -> None:
    """Wait until something holds."""
    end, pause_s = time.monotonic() + within_s, 0.005
    while not holds():
        assert time.monotonic() < end, f"waited {within_s:g} s in vain: {what}"
        await asyncio.sleep(pause_s)
        pause_s = min(0.05, pause_s * 1.2)  # what takes long may be looked at more seldom
