"""What has to be done now and then: what is old or has ended is deleted, erasures are finished."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import delete

from mirrord.collective.database import Database
from mirrord.collective.numbers import now_ms
from mirrord.collective.people.erasing import finish
from mirrord.collective.records.forgetting import forget_old
from mirrord.collective.schema import enrolments, invites, keys
from mirrord.errors import MirrorError
from mirrord.runtime.beside import beside

log = logging.getLogger(__name__)
_EVERY_S: Final = 6 * 3600.0


async def keep_house(database: Database, keep_days: float) -> int:
    """Delete what is over; return how many sessions went."""
    now = now_ms()

    async def job(to: Any) -> None:
        for table in (keys, enrolments, invites):
            await to.execute(delete(table).where(table.c.expires <= now))

    await database.write(job)
    await finish(database)
    return await forget_old(database, keep_days)


@asynccontextmanager
async def every(
    name: str, pause_s: float, work: Callable[[], Awaitable[object]]
) -> AsyncIterator[None]:
    """Do something again and again until the context ends; a failure is told, and it goes on.

    The pauses vary by a tenth, so that several processes do not all begin at once.
    """
    async with beside(_again(name, pause_s, work), name):
        yield


async def _again(name: str, pause_s: float, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(pause_s * random.uniform(0.9, 1.1))
        try:
            await work()
        except MirrorError as error:
            log.warning("%s: %s", name, error)
        except Exception:
            log.exception("%s failed", name)


@asynccontextmanager
async def housekeeping(database: Database, keep_days: float) -> AsyncIterator[None]:
    """Keep house a few times a day until the context ends."""
    async with every("housekeeping", _EVERY_S, lambda: keep_house(database, keep_days)):
        yield
