"""The outermost loop of a command."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)
_stuck: list[asyncio.AbstractEventLoop] = []


def run(main: Coroutine[Any, Any, T], grace_s: float = 2.0) -> T:
    """Run as asyncio.run does, but return even if a task or a thread goes on.

    asyncio.run waits for ever for a task that ignores its cancellation, and for a thread of the
    default executor that hangs. Here both get `grace_s`; what goes on after that ends with the
    process, if the command calls `leave` last.
    """
    runner = asyncio.Runner()
    try:
        return runner.run(main)
    finally:
        loop = runner.get_loop()
        if names := loop.run_until_complete(_left(grace_s)):
            _log.warning("not waiting any longer for %s", ", ".join(names))
            _stuck.append(loop)
        else:
            runner.close()


def leave() -> None:
    """End the process now if `run` left something behind, with the exit status that is due."""
    if not _stuck:
        return
    error = sys.exc_info()[1]
    status = error.code if isinstance(error, SystemExit) else error
    if status is not None and not isinstance(status, int):
        print(status, file=sys.stderr)  # noqa: T201  # what Python itself does with such an end
        status = 1
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


async def _left(grace_s: float) -> list[str]:
    """Cancel all tasks; return the names of those that go on, and whether a thread does."""
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        if task is not None:
            task.cancel()
    pending = (await asyncio.wait(tasks, timeout=grace_s))[1] if tasks else set()
    closing = loop.create_task(loop.shutdown_default_executor(), name="a thread")
    await asyncio.wait({closing}, timeout=grace_s)
    return [one.get_name() for one in [*pending, closing] if one is not None and not one.done()]
