"""The supervised life of one driver: open, apply, close, pause, try again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from mirrord.driver import Device, Environment, MirrorError, Refused
from mirrord.driver_host.memory import Memory
from mirrord.driver_host.plugins import Configured
from mirrord.driver_host.record import Record
from mirrord.driver_host.said import said, traced
from mirrord.driver_host.session import Session, plain, to_the_end
from mirrord.driver_host.side import HostSide
from mirrord.driver_host.timing import Timing
from mirrord.model import DriverState, DriverStatus
from mirrord.runtime.backoff import Backoff
from mirrord.runtime.lag import Stall
from mirrord.runtime.mailbox import Mailbox

_log = logging.getLogger(__name__)

MAX_LEFT_BEHIND = 3


class DriverTask:
    """Keeps one driver open while it is wanted. Nothing that it does delays another."""

    def __init__(
        self,
        configured: Configured,
        state_dir: Path,
        memory: Memory,
        timing: Timing,
        changed: Callable[[], None],
    ) -> None:
        self.name = configured.name
        self.memory = memory
        self.mailbox: Mailbox[Environment] = Mailbox()
        self.given: Environment | None = None  # the last wish that it applied, while it is open
        self.left_behind: set[asyncio.Task[None]] = set()
        self._state_dir = state_dir
        self._plugin = configured.plugin
        self._config = configured.config
        self._timing = timing
        self._enabled = configured.enabled
        self._paused = False
        self._other_devices = False  # another config: what is shown may not be there any more
        self._turn = asyncio.Event()  # a switch was turned
        self._backoff = Backoff(timing.backoff_first_s, timing.backoff_cap_s, timing.steady_s)
        self._parting = ""  # what went wrong when it was closed last
        self._record = Record(self.name, self._plugin.title, changed)

    @property
    def status(self) -> DriverStatus:
        """How the driver fares now."""
        return self._record.status(self._enabled)

    @property
    def counted(self) -> tuple[int, int]:
        """How often it has applied a wish, and failed, since the start."""
        return self._record.applies, self._record.failures

    @property
    def config(self) -> object:
        """What it is, or will next be, opened with."""
        return self._config

    @property
    def devices(self) -> list[Device]:
        """Its devices as they were reported, the newest report last."""
        return self._record.devices

    def enable(self, on: bool) -> None:
        """Switch the driver on or off; switching on again tries one that failed at once."""
        failed = self._record.state in ("refused", "unavailable")
        if on != self._enabled or (on and failed):
            self._enabled = on
            self._turn.set()

    def change(self, config: object) -> None:
        """Open the driver anew with this config, or with its present one: it may have a new key.

        The device is given back in between, as when the driver is switched off and on.
        """
        self._config = config
        self._other_devices = True
        self._turn.set()

    def pause(self, on: bool) -> None:
        """Leave the device alone while the room is paused."""
        if self._paused != on:
            self._paused = on
            self._turn.set()

    def holds(self, stall: Stall) -> bool:
        """Whether this driver's code was what held up the loop."""
        package = self._plugin.config.__module__.partition(".")[0]
        by_task = stall.task == f"driver {self.name}"
        return by_task or any(name.partition(".")[0] == package for name in stall.modules)

    def blame(self, stall: Stall) -> None:
        """Show a fault that the driver itself does not know of."""
        self._record.blame(stall)

    async def run(self) -> None:
        """Supervise until cancelled; the device is given back before the cancellation goes on."""
        self.memory.attach(asyncio.get_running_loop())
        while True:
            self._turn.clear()
            if self._enabled and not self._paused:
                await self._attend()
            else:
                self._record.show("paused" if self._enabled else "off", self._parting)
                await self._turn.wait()

    async def _attend(self) -> None:
        """Keep the driver open until a switch is turned."""
        self._record.forgive()
        if self._other_devices:
            self._other_devices = False
            self._record.forget()
        self._record.show("opening")
        self._backoff.reset()
        keeping = asyncio.create_task(self._keep_open(), name=f"keep {self.name} open")
        turning = asyncio.create_task(self._turn.wait())
        try:
            await asyncio.wait({keeping, turning}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            turning.cancel()
            keeping.cancel()
            # A mirror that stops meanwhile waits, too, until the device is given back.
            await to_the_end(asyncio.wait({keeping}))
        if not keeping.cancelled():
            keeping.result()

    async def _keep_open(self) -> None:
        while True:
            self._record.show("opening", self._record.error)
            try:
                async with self._session() as session:
                    await self._serve(session)
            except Refused as error:
                self._fail("refused", error, "parked until it is switched on again")
                await self._turn.wait()
            except Exception as error:  # a driver's bug must not end the mirror
                pause_s = self._backoff.next_s()
                self._fail("unavailable", error, f"next attempt in {pause_s:.1f} s")
                await asyncio.sleep(pause_s)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        """Open the driver; close it whatever happens."""
        while len(self.left_behind) >= MAX_LEFT_BEHIND:
            await asyncio.wait(self.left_behind, return_when=asyncio.FIRST_COMPLETED)
        side = HostSide(self._state_dir, self.memory, self._record.see)
        session = Session(f"driver {self.name}", lambda: self._plugin.open(self._config, side))
        try:
            await session.open(self._timing.open_s)
            yield session
        except ExceptionGroup as error:  # from a task group of the driver
            raise plain(error) from error
        finally:
            self.given = None
            current = asyncio.current_task()
            asked_for = current is not None and current.cancelling() > 0
            await to_the_end(self._close(session, asked_for))
            side.retire()

    async def _close(self, session: Session, asked_for: bool) -> None:
        left = await session.close(self._timing.close_s)
        self.memory.flush()
        for task in left:
            self.left_behind.add(task)
            task.add_done_callback(self.left_behind.discard)
        if left:
            self._parting = f"did not close within {self._timing.close_s:g} s; left behind"
        elif session.parting is not None:
            self._parting = f"may not be as it was found: {said(session.parting)}"
        else:
            return
        # After a failure the closing often fails for the same reason, which is told anyway.
        level = logging.WARNING if left or asked_for else logging.DEBUG
        _log.log(level, "driver %s, while closing: %s", self.name, self._parting)

    async def _serve(self, session: Session) -> None:
        """Apply the newest wish when it changes, and as a heartbeat while it does not."""
        self._parting = ""  # whatever it was, this opening can make it good
        if self.mailbox.newest is None:
            self._worked()
        self.mailbox.again()
        caught_up = False
        while True:
            fresh = await session.until(self.mailbox.get(), self._timing.heartbeat_s)
            wish = self.mailbox.newest
            if wish is None:
                continue
            await session.apply(wish, self._timing.apply_s)
            self.given = wish
            # What waited for the driver to come up says nothing of its speed.
            self._record.applied(wish.captured_ns if fresh and caught_up else None)
            caught_up = True
            self._worked()

    def _worked(self) -> None:
        if self._record.state == "ready":
            return
        if self._backoff.failures:
            _log.info("driver %s is back", self.name)
        self._backoff.worked()
        self._record.show("ready")

    def _fail(self, state: DriverState, error: Exception, next_step: str) -> None:
        self._record.failures += 1
        first = state == "refused" or self._backoff.failures == 1
        level = logging.WARNING if first else logging.DEBUG
        _log.log(level, "driver %s: %s; %s", self.name, said(error), next_step)
        if not isinstance(error, MirrorError):
            _log.log(level, "%s", traced(error))
        error.__traceback__ = None  # one that a driver raises again and again would grow
        self._record.show(state, said(error))
