"""Who is connected: so many that the mirror itself never runs out of files, and few from one place.

Every connection is an open file to the system, and a process may have only so many; the camera, the
database and the devices need some of the same.
"""

from __future__ import annotations

import ipaddress
import logging
import resource
import time
from collections import Counter
from typing import Final

log = logging.getLogger(__name__)

KEPT_FREE: Final = 256  # open files for everything else
FROM_ONE: Final = 256  # connections from one address, which is one household's machine or network
_AT_LEAST: Final = 64
_AT_MOST: Final = 4096
_SAY_AGAIN_S: Final = 60.0


class Guests:
    """Counts connections. This computer itself may have as many as there are: it may be a proxy."""

    def __init__(self, most: int | None = None, from_one: int = FROM_ONE) -> None:
        self._most = _affordable() if most is None else most
        self._from_one = from_one
        self._count: Counter[str] = Counter()
        self._said_s = -_SAY_AGAIN_S

    def enter(self, address: str) -> bool:
        """Count a connection; False, and not counted, if it is one too many."""
        place = _place(address)
        from_here = place == "here"
        if self._count.total() >= self._most:
            return self._refuse(address, f"there are {self._most} already")
        if not from_here and self._count[place] >= self._from_one:
            return self._refuse(address, f"it has {self._from_one} already")
        self._count[place] += 1
        return True

    def leave(self, address: str) -> None:
        """Forget a connection that was counted."""
        place = _place(address)
        self._count[place] -= 1
        if self._count[place] <= 0:
            del self._count[place]

    def _refuse(self, address: str, why: str) -> bool:
        now_s = time.monotonic()
        new = now_s - self._said_s >= _SAY_AGAIN_S
        self._said_s = now_s if new else self._said_s
        level = logging.WARNING if new else logging.DEBUG
        log.log(level, "a connection from %s is not taken: %s", address, why)
        return False


def _affordable() -> int:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return _AT_MOST
    return min(_AT_MOST, max(_AT_LEAST, allowed - KEPT_FREE))


def _place(address: str) -> str:
    """Return what counts as one: an address, of IPv6 the network of 64 bits, or this computer."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return "here"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
