"""One thread for one blocking library."""

from __future__ import annotations

import asyncio
import math
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, ParamSpec, Self, TypeVar

from mirrord.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Worker:
    """Runs blocking calls one after another on a daemon thread of its own.

    A call that outlives its deadline raises Unavailable in the caller and is left behind: the
    thread ends when that call returns, and since it is a daemon thread it cannot hold up the exit.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._began_s: float | None = None

    @property
    def busy_s(self) -> float:
        """For how long the thread has been in its call; infinite if there is no thread any more."""
        if not self._thread.is_alive():
            return math.inf
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._jobs.put(None)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 0.5
        while self._thread.is_alive() and loop.time() < deadline:
            await asyncio.sleep(0.005)

    async def call(
        self, timeout_s: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return function(*args, **kwargs), run on the thread, or raise what it raises.

        Raises Unavailable if it takes longer than `timeout_s`, waiting for its turn included, or
        if the function itself runs into a time-out.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((lambda: function(*args, **kwargs), future))
        try:
            async with asyncio.timeout(timeout_s) as limit:
                return await future
        except TimeoutError as error:
            late = f"no answer within {timeout_s:g} s" if limit.expired() else f"{error}"
            raise Unavailable(f"{self._name}: {late or 'timed out'}") from None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, future = job
            result: Any = None
            error: Exception | None = None
            if future.cancelled():
                continue
            self._began_s = time.monotonic()
            try:
                result = function()
            except (SystemExit, KeyboardInterrupt, StopIteration) as caught:
                # Passed on, the first two would end the loop; a future does not take the third.
                error = RuntimeError(f"{self._name}: {type(caught).__name__}")
            except Exception as caught:  # handed to the caller, whatever it is
                error = caught
            self._began_s = None
            try:
                future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            except RuntimeError:  # the loop is gone: nobody waits for the answer
                return


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
