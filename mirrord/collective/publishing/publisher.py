"""Publishes windows as they end, and ends sessions that nothing came of for a day.

Any number of processes may do so at once: each window is published by the first of them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from random import Random, SystemRandom
from typing import Final

import msgspec
from sqlalchemy import Executable, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.bus import Bus
from mirrord.collective.database import Database
from mirrord.collective.figures.told import Collective, collective_of
from mirrord.collective.numbers import now_ms
from mirrord.collective.publishing.memory import LONGEST_MS
from mirrord.collective.publishing.windows import Due, due, publish
from mirrord.collective.schema import cohorts, contributions, sessions, spaces
from mirrord.collective.tally import DAY_MS
from mirrord.errors import MirrorError
from mirrord.runtime.backoff import Backoff

log = logging.getLogger(__name__)

TOPIC: Final = "collective"
LOOK_S: Final = 10.0
TIDY_S: Final = 600.0
IDLE_MS: Final = DAY_MS


class Update(msgspec.Struct, frozen=True):
    """What the bus tells of a figure that is shown from now on."""

    space: str
    cursor: str
    data: Collective


class Publisher:
    """Publishes what is due. `clock` tells the milliseconds since 1970."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Callable[[], int] = now_ms,
        rng: Random | None = None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._rng = rng or SystemRandom()  # whom chance takes out must not be guessed
        self._tidied_s = float("-inf")

    async def run(self) -> None:
        """Publish until cancelled; a database that is away is asked again."""
        backoff = Backoff(first_s=2.0, cap_s=60.0)
        while True:
            try:
                if await self._is_my_turn():
                    await self.once()
                backoff.worked()
                await asyncio.sleep(LOOK_S * self._rng.uniform(0.9, 1.1))
            except MirrorError as error:
                log.debug("no figures now: %s", error)
                await asyncio.sleep(backoff.next_s())
            except Exception:
                log.exception("figures could not be worked out; they are tried again")
                await asyncio.sleep(backoff.next_s())

    async def _is_my_turn(self) -> bool:
        """Tell whether no other process has looked a moment ago; one is enough."""
        count, _ = await self._bus.count("publisher", LOOK_S * 0.8)
        return count <= 1

    async def once(self) -> int:
        """Publish all that is due and return how many figures are shown. Raises Unavailable."""
        if time.monotonic() - self._tidied_s >= TIDY_S:
            await self._tidy()
            self._tidied_s = time.monotonic()
        shown = 0
        failed: set[int] = set()
        while waiting := await self._due(failed):
            # Figures are compared with those of about the same time, so none may run ahead.
            until = min(one.end for one in waiting)
            for one in waiting:
                if one.start < until:
                    shown += await self._tried(one, failed)
        return shown

    async def _due(self, without: Collection[int]) -> list[Due]:
        found = await self._database.read(lambda of: due(of, self._clock()))
        return [one for one in found if one.space not in without]

    async def _tried(self, what: Due, failed: set[int]) -> bool:
        """Publish a window; what is wrong with one space keeps no other waiting."""
        try:
            return await self._publish(what)
        except MirrorError:
            raise
        except Exception:
            log.exception("space %s: no figure could be worked out", what.space)
            failed.add(what.space)
            return False

    async def _publish(self, what: Due) -> bool:
        now = self._clock()
        row = await self._database.write(lambda to: publish(to, what, now, self._rng))
        if row is None:
            return False
        data = collective_of(row)
        told = Update(data.space, str(what.start), data)
        await self._bus.tell(TOPIC, msgspec.json.encode(told).decode())
        return True

    async def _tidy(self) -> None:
        """End sessions that nothing came of; forget what is compared no more or leads nowhere."""
        now = self._clock()
        idle = sessions.c.is_active & (sessions.c.last_activity < now - IDLE_MS)
        open_to = select(spaces.c.space).where(spaces.c.active)
        statements: list[Executable] = [
            update(sessions).where(idle).values(is_active=False),
            delete(cohorts).where(cohorts.c.start < now - LONGEST_MS),
            delete(contributions).where(contributions.c.space.not_in(open_to)),
        ]

        async def job(to: AsyncConnection) -> None:
            for statement in statements:
                await to.execute(statement)

        await self._database.write(job)
