"""How often a password may be tried: a few times freely, then after pauses that double."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FREE: Final = 5
FIRST_S: Final = 2.0
ADDRESS_S: Final = 900.0  # the longest pause for one address
ACCOUNT_S: Final = 60.0  # for one account: a stranger must not lock its user out for long
FORGOTTEN_S: Final = 3600.0
_MOST: Final = 2048


@dataclass(slots=True)
class _Count:
    failures: int = 0
    last: float = 0.0
    told: bool = False


class Attempts:
    """Counts failures by address and by account, in memory. Times are seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._welcome: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait_s(self, address: str, account: str) -> float:
        """Return how long to wait until the next attempt; 0 for none."""
        waits = [self._wait_s(("address", address), ADDRESS_S)]
        if (address, account) not in self._welcome:
            waits.append(self._wait_s(("account", account), ACCOUNT_S))
        return max(waits)

    def is_news(self, address: str) -> bool:
        """Tell, once, that an address has to wait."""
        count = self._counts.setdefault(("address", address), _Count(last=self._clock()))
        told, count.told = count.told, True
        return not told

    def begin(self, address: str, account: str) -> None:
        """Count an attempt as failed before its outcome is known, so that many at once count."""
        for key in (("address", address), ("account", account)):
            count = self._counts.setdefault(key, _Count())
            count.failures = self._failures(count) + 1
            count.last = self._clock()
            self._counts.move_to_end(key)
        while len(self._counts) > _MOST:
            self._counts.popitem(last=False)

    def succeeded(self, address: str, account: str) -> None:
        """Forget the failures. From here this account is welcome, whoever tries it elsewhere."""
        self._counts.pop(("address", address), None)
        self._counts.pop(("account", account), None)
        self._welcome[address, account] = None
        self._welcome.move_to_end((address, account))
        while len(self._welcome) > _MOST:
            self._welcome.popitem(last=False)

    def _wait_s(self, key: tuple[str, str], longest_s: float) -> float:
        count = self._counts.get(key)
        beyond = self._failures(count) - FREE if count else -1
        if count is None or beyond < 0:
            return 0.0
        pause = min(FIRST_S * 2.0 ** min(beyond, 30), longest_s)
        return max(0.0, count.last + pause - self._clock())

    def _failures(self, count: _Count) -> int:
        return 0 if self._clock() - count.last > FORGOTTEN_S else count.failures
