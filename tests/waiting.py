"""Waiting for what comes about by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(
    holds: Callable[[], object], what: str = "it comes about", within_s: float = 60.0
) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"waited {within_s:g} s in vain: {what}"
        await asyncio.sleep(0.02)
