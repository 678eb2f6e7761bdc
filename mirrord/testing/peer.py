"""The device at the other end, as the kit needs it."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, Self, TypeVar

T = TypeVar("T")

ANSWER_S = 30.0


class Peer(Protocol):
    """A device, real or simulated, that can be made to misbehave. Methods may be coroutines.

    Two more are used where the peer has them: `slow(seconds)` delays every answer, and `lie()`
    answers with rubbish; `resume()` ends both.
    """

    def observe(self) -> Any:
        """Return what a driver can change of the device, comparable with ==, without what drifts.

        A lamp: on, colour, brightness. A thermostat: the setpoint, but not the temperature.
        """

    def commands(self) -> Sequence[Any]:
        """Return every command so far that was meant to change the device; reading is none."""

    def stop(self) -> Awaitable[None] | None:
        """Be unreachable. The device itself stays as it is."""

    def start(self) -> Awaitable[None] | None:
        """Be reachable again, at the same address."""

    def hang(self) -> Awaitable[None] | None:
        """Take connections and requests, and answer none of them."""

    def resume(self) -> Awaitable[None] | None:
        """Answer truthfully and at once again."""


class PeerThread:
    """Runs a peer on a loop and a thread of its own.

    So a driver that blocks its loop does not block the device too, and the tasks found on the
    driver's loop are the driver's.
    """

    def __init__(self, make: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="peer", daemon=True)
        self._leave = asyncio.Event()
        self._running: asyncio.Future[None] | None = None
        self.device: Any = None

    async def __aenter__(self) -> Self:
        self._thread.start()
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._running = self._submit(self._run(ready))
        await asyncio.wait({ready, self._running}, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            self._running.result()
        self.device = await ready
        return self

    async def __aexit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._leave.set)
        try:
            if self._running is not None:
                async with asyncio.timeout(ANSWER_S):
                    await self._running
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            await asyncio.to_thread(self._thread.join, ANSWER_S)
            self._loop.close()

    def can(self, name: str) -> bool:
        """Whether the peer has this method."""
        return callable(getattr(self.device, name, None))

    async def ask(self, name: str, *args: Any) -> Any:
        """Call a method of the peer on the peer's own loop."""

        async def call() -> Any:
            answer = getattr(self.device, name)(*args)
            return await answer if inspect.isawaitable(answer) else answer

        async with asyncio.timeout(ANSWER_S):
            return await self._submit(call())

    def _submit(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def _run(self, ready: asyncio.Future[Any]) -> None:
        """Hold the peer's context in one task, on the peer's loop."""
        async with self._make() as device:
            ready.get_loop().call_soon_threadsafe(ready.set_result, device)
            await self._leave.wait()
