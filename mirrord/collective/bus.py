"""What several processes of the collective share besides the database.

Counts that run out (limits, attempts), and news for whoever listens. `Bus` keeps both in this
process; `redis_bus.RedisBus` in Redis, for any number of processes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

_MOST_COUNTS: Final = 100_000


class Bus(Protocol):
    """Raises nothing: a bus that is away counts nothing and tells nobody, and says so."""

    shared: bool  # whether other processes hear it

    @property
    def problem(self) -> str:
        """Why it is away; empty when all is well."""

    async def count(self, key: str, window_s: float, by: int = 1) -> tuple[int, float]:
        """Add to a count that begins anew every `window_s`; return it, and the seconds left."""

    async def forget(self, key: str) -> None:
        """Begin a count anew."""

    async def tell(self, topic: str, text: str) -> None:
        """Tell everybody who listens to a topic, in every process."""

    def listen(self, topic: str, heard: Callable[[str], None]) -> None:
        """Call `heard` with every text of a topic from now on, on the event loop.

        An empty text says that some may have been missed.
        """


class LocalBus:
    """The bus of one process."""

    shared = False
    problem = ""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._listeners: dict[str, list[Callable[[str], None]]] = {}

    async def count(self, key: str, window_s: float, by: int = 1) -> tuple[int, float]:
        now = self._clock()
        ends, value = self._counts.get(key, (0.0, 0))
        if ends <= now:
            ends, value = now + window_s, 0
        self._counts[key] = (ends, value + by)
        self._counts.move_to_end(key)
        while len(self._counts) > _MOST_COUNTS:
            self._counts.popitem(last=False)
        return value + by, ends - now

    async def forget(self, key: str) -> None:
        self._counts.pop(key, None)

    async def tell(self, topic: str, text: str) -> None:
        for heard in self._listeners.get(topic, ()):
            heard(text)

    def listen(self, topic: str, heard: Callable[[str], None]) -> None:
        self._listeners.setdefault(topic, []).append(heard)
