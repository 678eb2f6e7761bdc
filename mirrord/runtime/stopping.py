"""How a program of ours is asked to stop: by Ctrl-C, or by whoever started it."""

from __future__ import annotations

import asyncio
import signal


def set_by_signals(stop: asyncio.Event) -> asyncio.Event:
    """Return the event, which SIGINT and SIGTERM set from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
