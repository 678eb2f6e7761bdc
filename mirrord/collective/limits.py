"""How much one address, account or mirror may ask, and how often a password may be tried."""

from __future__ import annotations

import math
from typing import Final

from aiohttp import web

from mirrord.api.reply import failure
from mirrord.collective.bus import Bus
from mirrord.errors import MirrorError

MINUTE_S: Final = 60.0
TRIES: Final = 10  # wrong passwords from one address, or for one account, in a while
TRIES_S: Final = 300.0


class TooOften(MirrorError):
    """Too many requests; `wait_s` until more are taken."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = math.ceil(wait_s)
        super().__init__(f"That was too often; try again in {self.wait_s} s.")


async def take(bus: Bus, key: str, most: int, window_s: float = MINUTE_S) -> None:
    """Count one request. Raises TooOften."""
    count, left_s = await bus.count(key, window_s)
    if count > most:
        raise TooOften(left_s)


async def begin_attempt(bus: Bus, address: str, account: str) -> None:
    """Count an attempt as wrong before its outcome is known, so that many at once count.

    Raises TooOften: a stranger's tries at one account make all strangers wait, never its user who
    was here before (`succeeded`).
    """
    known, _ = await bus.count(f"welcome:{address}:{account}", 30 * 86_400.0, by=0)
    await take(bus, f"tries:{address}", TRIES, TRIES_S)
    if not known:
        await take(bus, f"tries:{account}", TRIES, TRIES_S)


async def succeeded(bus: Bus, address: str, account: str) -> None:
    """Forget the failures; from here this account is welcome, whoever tries it elsewhere."""
    await bus.forget(f"tries:{address}")
    await bus.forget(f"tries:{account}")
    await bus.count(f"welcome:{address}:{account}", 30 * 86_400.0)


def too_often(error: TooOften) -> web.Response:
    """Return the refusal that says how long to wait."""
    response = failure(429, str(error), {"wait_s": error.wait_s})
    response.headers["Retry-After"] = str(error.wait_s)
    return response
