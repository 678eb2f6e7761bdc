"""One opening of one driver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from mirrord.driver import Driver, Environment, MirrorError, Refused, Unavailable

T = TypeVar("T")

LAST_WORD_S = 0.2  # after the deadline: to answer a cancellation, before being left behind


class Session:
    """Holds a driver open in a task of the driver's own, and never waits for it beyond a deadline.

    The whole context lives in that one task, so that a driver may use task groups and time-outs
    around its `yield`.
    """

    def __init__(self, name: str, enter: Callable[[], AbstractAsyncContextManager[Driver]]) -> None:
        self._name = name
        self._enter = enter
        self._leave = asyncio.Event()
        self._opened: asyncio.Future[Driver] = asyncio.get_running_loop().create_future()
        self._holding = asyncio.create_task(_tamed(self._hold()), name=name)
        self._applying: asyncio.Task[None] | None = None

    async def open(self, deadline_s: float) -> None:
        """Wait until the driver is open. Raises what its opening raised, or Unavailable."""
        if not await self._finished(self._opened, deadline_s):
            raise Unavailable(f"could not be opened within {deadline_s:g} s")

    async def apply(self, environment: Environment, deadline_s: float) -> None:
        """Let the driver apply. Raises what it raised, or Unavailable."""
        applying = _tamed(self._opened.result().apply(environment))
        self._applying = asyncio.create_task(applying, name=self._name)
        if not await self._finished(self._applying, deadline_s):
            raise Unavailable(f"no answer within {deadline_s:g} s")
        _result(self._applying)

    async def until(self, what: Awaitable[T], timeout_s: float) -> bool:
        """Wait for `what` with the driver open; return whether it came.

        Raises what the driver's context raises meanwhile.
        """
        waiting = asyncio.ensure_future(what)
        try:
            return await self._finished(waiting, timeout_s)
        finally:
            waiting.cancel()

    async def _finished(self, future: asyncio.Future[Any], timeout_s: float) -> bool:
        either: set[asyncio.Future[Any]] = {future, self._holding}
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if not future.done() and self._holding.done():
            _result(self._holding)
            raise Unavailable("the driver ended by itself")
        return future.done()

    async def close(self, deadline_s: float) -> list[asyncio.Task[None]]:
        """Leave the context and return the tasks that would not end within the deadline."""
        tasks = [task for task in (self._applying, self._holding) if task is not None]
        try:
            await self._close(deadline_s)
        finally:
            for task in tasks:
                task.cancel()
        if not all(task.done() for task in tasks):
            await asyncio.wait(tasks, timeout=LAST_WORD_S)
        for task in tasks:
            task.add_done_callback(_looked_at)
        return [task for task in tasks if not task.done()]

    async def _close(self, deadline_s: float) -> None:
        end = asyncio.get_running_loop().time() + deadline_s
        if self._applying is not None and not self._applying.done():
            # An apply that goes on while its context is left would work against the restoring.
            self._applying.cancel()
            await asyncio.wait({self._applying}, timeout=deadline_s / 4)
        if self._opened.done():
            self._leave.set()
        else:
            self._holding.cancel()
        await asyncio.wait({self._holding}, timeout=end - asyncio.get_running_loop().time())

    @property
    def parting(self) -> Exception | None:
        """What leaving the context raised, if anything, after it was open and asked to end."""
        if not self._leave.is_set() or not self._holding.done() or self._holding.cancelled():
            return None
        error = self._holding.exception()
        return plain(error) if isinstance(error, Exception) else None

    async def _hold(self) -> None:
        async with self._enter() as driver:
            self._opened.set_result(driver)
            await self._leave.wait()


async def to_the_end(bounded: Coroutine[Any, Any, T]) -> T:
    """Await what ends soon by itself, and only then let a cancellation go on.

    A switch that is turned while a device is given back must not cut the giving back short.
    """
    task = asyncio.create_task(bounded)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


def plain(error: Exception) -> Exception:
    """Return the failure that counts of those a task group wraps."""
    if not isinstance(error, ExceptionGroup):
        return error
    leaves = [plain(one) for one in error.exceptions]
    expected = [one for one in leaves if isinstance(one, MirrorError)]
    refused = [one for one in expected if isinstance(one, Refused)]
    return (refused or expected or leaves)[0]


def _result(future: asyncio.Future[T]) -> T:
    """Return the result of a finished future; a driver's own cancellation is not ours."""
    if future.cancelled():
        raise Unavailable("the driver cancelled itself")
    return future.result()


def _looked_at(task: asyncio.Task[None]) -> None:
    """Keep asyncio from reporting a failure that comes too late for anyone."""
    if not task.cancelled():
        task.exception()


async def _tamed(driver: Awaitable[None]) -> None:
    """A library that calls sys.exit() must not end the mirror."""
    try:
        await driver
    except SystemExit as error:
        raise RuntimeError(f"something called sys.exit({error.code!r})") from None
