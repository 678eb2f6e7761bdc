"""What a running mirror does by itself, all the time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from mirrord.daemon.mirror import Daemon
from mirrord.errors import MirrorError
from mirrord.runtime.beside import beside

_log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[Any, Any, None]]


def _jobs(daemon: Daemon) -> Mapping[str, Job]:
    """Return everything that goes on, in the order in which it begins."""
    return {
        "drivers": daemon.host.run,
        "clock": daemon.tick,
        "sight": daemon.sight.run,
        "hub": daemon.smart_home.run,
        "forgetting": daemon.forgetting.watch,
        "disk": daemon.judge.disk.run,
        "sync": daemon.sync.sender.run,
        "program": daemon.program.watch,
        "updates": daemon.updates.run,
        "reach": daemon.reach.run,
    }


@asynccontextmanager
async def working(daemon: Daemon) -> AsyncIterator[None]:
    """Do it all until the context ends; what began last stops first."""
    async with AsyncExitStack() as stack:
        for name, job in _jobs(daemon).items():
            daemon.tasks.add(await stack.enter_async_context(beside(job(), name)))
        yield


async def until(stop: asyncio.Event, tasks: Collection[asyncio.Task[None]]) -> None:
    """Wait for `stop`. Raises MirrorError if a part of the mirror ends by itself meanwhile."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    for task in tasks:
        if task.done():
            error = None if task.cancelled() else task.exception()
            _log.error("%s ended by itself", task.get_name(), exc_info=error)
            raise MirrorError(f"the part '{task.get_name()}' failed; see the log")
