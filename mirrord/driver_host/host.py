"""All drivers of a mirror."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mirrord.config import nearest
from mirrord.driver import ConfigError, Environment, Plugin
from mirrord.driver_host.measured import newest_measured
from mirrord.driver_host.memory import Memory
from mirrord.driver_host.plugins import Configured, configured
from mirrord.driver_host.task import DriverTask
from mirrord.driver_host.timing import Timing
from mirrord.model import DriverStatus, Measured
from mirrord.runtime.lag import LagWatch, Stall

_log = logging.getLogger(__name__)

TIMING = Timing()


class DriverHost:
    """Gives every driver the newest wish, and keeps each apart from the others.

    `tables` are the tables under [drivers] of the file `where`; `memory` is what each driver
    remembered last time, and `save_memory(driver, values)` keeps it (soon: what was found must be
    on the disk before a crash). `on_change` is called on the loop, once a turn at most, when
    anything that `status` shows has changed. Raises ConfigError for tables that no driver takes.

    All methods are called on the loop that `run` runs on, or before it runs.
    """

    def __init__(
        self,
        tables: Mapping[str, Mapping[str, Any]],
        state_dir: Path,
        memory: Mapping[str, dict[str, Any]],
        on_change: Callable[[], None],
        save_memory: Callable[[str, dict[str, Any]], None],
        where: str,
        plugins: Mapping[str, Plugin[Any]] | None = None,
        timing: Timing = TIMING,
    ) -> None:
        self._on_change = on_change
        self._timing = timing
        self._state_dir = state_dir
        self._remembered = memory
        self._memories: dict[str, Memory] = {}
        self._save_memory = save_memory
        self._plugins = plugins
        self._paused = False
        self._tending: dict[str, asyncio.Task[None]] = {}
        self._change_due = False
        self._wish: Environment | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drivers = {
            name: self._driver(one) for name, one in configured(tables, where, plugins).items()
        }

    async def change(self, tables: Mapping[str, Mapping[str, Any]], where: str) -> None:
        """Take over other tables: what differs is opened anew, what is new opened, the rest left.

        A driver without a table any more gives its device back and is gone. Raises ConfigError, and
        then nothing has changed.
        """
        wanted = configured(tables, where, self._plugins)
        for name in self._drivers.keys() - wanted.keys():
            await self._dismiss(name)
        for name, one in wanted.items():
            if name not in self._drivers:
                self._welcome(one)
            elif self._drivers[name].config != one.config:
                self._drivers[name].change(one.config)
        self._drivers = {name: self._drivers[name] for name in wanted}
        self._changed()

    def reopen(self, name: str) -> None:
        """Open a driver anew, for instance with a new key; does nothing for one that is not there.

        What stood in its way is forgotten.
        """
        if driver := self._drivers.get(name):
            driver.change(driver.config)

    def wish(self, environment: Environment) -> None:
        """Let the room become this. The newest wish wins; one that asks for nothing new is none."""
        same_frame = replace(environment, captured_ns=None)
        if same_frame == self._wish:
            return
        self._wish = same_frame
        for driver in self._drivers.values():
            driver.mailbox.put(environment)

    def enable(self, name: str, on: bool) -> None:
        """Switch a driver on or off; off gives its device back. Raises ConfigError if unknown.

        Switching on a driver that is refused or unavailable tries it again at once.
        """
        if name not in self._drivers:
            raise ConfigError(f"no driver is called {name}{nearest(name, list(self._drivers))}")
        self._drivers[name].enable(on)

    def pause(self, on: bool) -> None:
        """Pause the room: every device is given back; or go on."""
        self._paused = on
        for driver in self._drivers.values():
            driver.pause(on)

    @property
    def status(self) -> list[DriverStatus]:
        """How every driver fares, in the order of the file."""
        return [driver.status for driver in self._drivers.values()]

    @property
    def given(self) -> dict[str, Environment | None]:
        """The last wish that each driver applied, while it holds its devices."""
        return {name: driver.given for name, driver in self._drivers.items()}

    @property
    def counted(self) -> dict[str, tuple[int, int]]:
        """How often each driver has applied a wish, and failed, since the start."""
        return {name: driver.counted for name, driver in self._drivers.items()}

    def measured(self) -> Measured:
        """Return what sensors say now."""
        ready = [driver for driver in self._drivers.values() if driver.status.state == "ready"]
        return newest_measured([device for driver in ready for device in driver.devices])

    @property
    def left_behind(self) -> list[str]:
        """The drivers with a task that would not end: a loop that waits for all tasks hangs."""
        return [name for name, driver in self._drivers.items() if driver.left_behind]

    async def run(self) -> None:
        """Supervise all drivers until cancelled; then close all at once, within the deadline."""
        self._loop = asyncio.get_running_loop()
        for driver in self._drivers.values():
            self._tend(driver)
        watch = asyncio.create_task(
            LagWatch(self._stalled, self._timing.stall_s).run(), name="lag watch"
        )
        try:
            await asyncio.Event().wait()
        finally:
            tasks = [*self._tending.values(), watch]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=self._timing.close_s + 1.0)
            if self.left_behind:
                _log.warning("left behind: %s", ", ".join(self.left_behind))

    def _driver(self, one: Configured) -> DriverTask:
        if one.name not in self._memories:
            save = partial(self._save, self._save_memory, one.name)
            self._memories[one.name] = Memory(self._remembered.get(one.name, {}), save)
        memory = self._memories[one.name]
        return DriverTask(one, self._state_dir, memory, self._timing, self._changed)

    def _welcome(self, one: Configured) -> None:
        driver = self._drivers[one.name] = self._driver(one)
        driver.pause(self._paused)
        if self._wish is not None:
            driver.mailbox.put(self._wish)
        if self._loop is not None:
            self._tend(driver)

    async def _dismiss(self, name: str) -> None:
        del self._drivers[name]
        if task := self._tending.pop(name, None):
            task.cancel()
            await asyncio.wait({task}, timeout=self._timing.close_s + 1.0)

    def _tend(self, driver: DriverTask) -> None:
        self._tending[driver.name] = asyncio.create_task(
            _unending(driver.run, driver.name), name=f"tend {driver.name}"
        )

    def _changed(self) -> None:
        if self._change_due or self._loop is None:
            return
        self._change_due = True
        self._loop.call_soon(self._tell)

    def _tell(self) -> None:
        self._change_due = False
        self._on_change()

    def _save(
        self, save: Callable[[str, dict[str, Any]], None], name: str, values: dict[str, Any]
    ) -> None:
        try:
            save(name, values)
        except Exception:  # a full disk must not take the lights along
            _log.warning("what driver %s remembers could not be saved", name, exc_info=True)

    def _stalled(self, stall: Stall) -> None:
        """Name what holds the loop. Called in the thread of the watch."""
        culprit = next((d for d in self._drivers.values() if d.holds(stall)), None)
        who = f"driver {culprit.name}" if culprit else stall.task or "something"
        _log.warning(
            "%s holds up the whole mirror, %.1f s so far, at %s; a blocking call wants a Worker",
            who,
            stall.seconds,
            stall.place,
        )
        if culprit is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(culprit.blame, stall)


async def _unending(run: Callable[[], Any], name: str) -> None:
    """Run the supervisor of a driver again should it ever fail itself."""
    while True:
        try:
            await run()
        except Exception:
            _log.exception("the supervision of driver %s failed and starts anew", name)
            await asyncio.sleep(1.0)
