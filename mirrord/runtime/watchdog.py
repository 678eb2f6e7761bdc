"""Feeds systemd's watchdog, but only while the program really works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from mirrord.runtime.beside import beside
from mirrord.runtime.systemd import Notifier, watchdog_s

_log = logging.getLogger(__name__)
_MEALS: Final = 4  # within the time that systemd waits: one that comes late does no harm


@asynccontextmanager
async def watched(
    notifier: Notifier, stuck: Callable[[], str], well: str = ""
) -> AsyncIterator[None]:
    """Feed the watchdog, if there is one, as long as `stuck` returns nothing.

    What is stuck is said in the log and in `systemctl status`; then systemd starts it anew.
    That the event loop still turns needs no check: the food comes from there.
    """
    limit_s = watchdog_s()
    if limit_s is None:
        yield
        return
    async with beside(_feed(notifier, stuck, well, limit_s), "watchdog"):
        yield


async def _feed(notifier: Notifier, stuck: Callable[[], str], well: str, limit_s: float) -> None:
    starved = False
    while True:
        trouble = stuck()
        if not trouble:
            notifier.alive()
        if bool(trouble) != starved:
            _tell(notifier, trouble, well, limit_s)
            starved = bool(trouble)
        await asyncio.sleep(limit_s / _MEALS)


def _tell(notifier: Notifier, trouble: str, well: str, limit_s: float) -> None:
    if trouble:
        _log.error("%s: systemd ends this and starts it anew within %.0f s", trouble, limit_s)
    else:
        _log.warning("it goes on: the watchdog is fed again")
    notifier.status(trouble or well)
