"""Pairing with a device that wants to be asked: one at a time, in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Literal

from mirrord.errors import ConfigError, MirrorError
from mirrord.runtime.secret import redacted
from mirrord.runtime.settings import nearest

log = logging.getLogger(__name__)

DEADLINE_S = 90.0
State = Literal["none", "waiting", "paired", "failed", "cancelled"]


class Pairing:
    """Runs `pair(driver, progress)` and remembers how the last one went.

    `drivers` are those that can be paired with.
    """

    def __init__(
        self,
        drivers: Collection[str],
        pair: Callable[[str, Callable[[float], None]], Awaitable[str]],
    ) -> None:
        self._drivers = drivers
        self._pair = pair
        self._task: asyncio.Task[None] | None = None
        self._driver = ""
        self._state: State = "none"
        self._said = ""
        self._progress = 0.0

    def shown(self) -> dict[str, Any]:
        """Return how it goes: the state, the progress in 0..1, the last words."""
        return {
            "driver": self._driver,
            "state": self._state,
            "progress": self._progress,
            "said": self._said,
        }

    def start(self, driver: str) -> None:
        """Begin to pair. Raises ConfigError if there is nothing to pair with, or one goes on."""
        if driver not in self._drivers:
            hint = nearest(driver, list(self._drivers))
            raise ConfigError(f"there is nothing to pair with {driver}{hint}")
        if self._task is not None:
            raise ConfigError(f"pairing with {self._driver} goes on: wait for it, or cancel it")
        self._driver, self._state, self._said, self._progress = driver, "waiting", "", 0.0
        self._task = asyncio.create_task(self._work(driver), name=f"pairing with {driver}")

    async def cancel(self) -> None:
        """Stop waiting for the device; does nothing if none is waited for."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=5.0)

    async def _work(self, driver: str) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                said = await self._pair(driver, self._advance)
            self._end("paired", said)
        except asyncio.CancelledError:
            self._end("cancelled", "")
            raise
        except TimeoutError:
            self._end("failed", f"no answer within {DEADLINE_S:g} s")
        except MirrorError as error:
            self._end("failed", str(error))
        except Exception:  # a stranger's driver may raise anything
            log.exception("pairing with %s failed", driver)
            self._end("failed", "the driver has a fault; the mirror's log says more")
        finally:
            self._task = None

    def _advance(self, share: float) -> None:
        self._progress = min(1.0, max(0.0, float(share)))

    def _end(self, state: State, said: str) -> None:
        self._state, self._said = state, redacted(said)
        self._progress = 1.0 if state == "paired" else self._progress
