"""The running mirror: its rooms, each made of what it needs, and what is asked of the whole."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from mirrord.config import Config, state_dir, store_path
from mirrord.daemon.changes import Changes
from mirrord.daemon.files import Files, Memory
from mirrord.daemon.steering import WAITS, Steering, controls_to_start_with
from mirrord.driver_host import DriverHost, driver_tables
from mirrord.driver_host.pairing import pair_with
from mirrord.engine import Engine
from mirrord.first_start import program_folders
from mirrord.forgetting import Forgetting
from mirrord.health import Health, Link, StoreSigns
from mirrord.health.judge import Judge
from mirrord.metrics import Meters
from mirrord.reach import Reach
from mirrord.runtime import wall
from mirrord.runtime.program import Program
from mirrord.sight import Sight
from mirrord.smart_home import HUB, Kept, SmartHome
from mirrord.snapshot import snapshot
from mirrord.status import report
from mirrord.store.queries import Chosen
from mirrord.sync.link import link_path
from mirrord.sync.running import Sync
from mirrord.teaching import Teaching
from mirrord.updates import Updates
from mirrord.why.reasons import Reasons
from mirrord.wire import CameraSeen, Message

TICK_S = 0.25


class Daemon:
    """A running mirror: implements what the page asks of one (`mirrord.web.mirror.Mirror`).

    Everything here is made and nothing begins: `mirrord.daemon.work` has what goes on by itself.
    """

    def __init__(self, files: Files, memory: Memory, demo: bool) -> None:
        config, store = files.layers.config, files.store
        self._store = store
        self._demo = demo
        self._begun_s = time.monotonic()
        self._changes = Changes()
        self._health = Health()
        self.tasks: set[asyncio.Task[None]] = set()
        self.code = ""  # proves who the owner is, as long as there is none
        self.routes: list[tuple[str, str]] = []  # method and path of all that the page answers
        changed = self._changes.note

        self.host = DriverHost(
            driver_tables(config),
            state_dir(),
            memory.of,
            on_change=changed,
            save_memory=memory.keep,
            where=config.file,
        )
        self.consent = files.consent
        controls = controls_to_start_with(config, memory.controls, files.consent, self.host)
        self.engine = Engine(config, controls, self.host, store, changed)
        self.sight = Sight(config.camera, config.vision, self._take)
        self.steering = Steering(self.engine, self.sight, self.host, files.consent, memory, changed)

        self.teaching = Teaching(store, self.engine)
        self.forgetting = Forgetting(store, self.engine, self.teaching)
        self.reasons = Reasons(self.engine, self.host, store)
        self.meters = Meters()
        self.judge = Judge(store_path(config), lambda: int(self.config.store.max_mb * 1e6))

        self.program = Program(program_folders(), changed)
        self.reach = Reach(config)
        self.reach.linked = link_path(config).exists
        self.smart_home = SmartHome(config, self, Kept(memory.of.get(HUB, {}), store), changed)
        self.sync = Sync(store, files.clock, lambda: self.config)
        self.updates = Updates(
            store, config.updates.url, memory.release, memory.keep_release, changed
        )

    @property
    def config(self) -> Config:
        """The settings that hold now."""
        return self.engine.config

    def state(self) -> dict[str, Any]:
        """Return everything that a page shows."""
        shown = snapshot(
            self.config,
            self.engine,
            self.host.status,
            self.host.measured(),
            self._store.status,
            self._demo,
            self.reasons.reason(),
            self.smart_home.status,
            self.health(),
        )
        consent = self.consent.shown(self.config.camera.source)
        if not consent["allows"]:
            shown["camera"]["detail"] = WAITS
        updates = msgspec.to_builtins(self.updates.standing)
        news = {"updated": self.program.updated, "updates": updates}
        return {"rev": self._changes.count, **shown, "consent": consent, **news}

    def health(self) -> Health:
        """Return whether the mirror is well, and what is wrong."""
        kept, hub, sync = self._store.status, self.smart_home.status, self.sync.sender.status
        return self.judge.health(
            self.engine.camera,
            self.engine.health,
            self.sight.restarts,
            StoreSigns(kept.state, kept.detail, kept.dropped),
            self.host.status,
            (
                Link("hub", hub.state, hub.error),
                Link("collective", "unavailable" if sync.problem else "ready", sync.said),
            ),
            self.steering.waits,
        )

    async def report(self) -> dict[str, Any]:
        """Return what `mirrord status` shows."""
        done = {name: applied for name, (applied, _) in self.host.counted.items()}
        done["camera"] = self.meters.frames
        up_s = time.monotonic() - self._begun_s
        return report(self.state(), done, self.smart_home.page, os.getpid(), up_s)

    async def flush(self) -> dict[str, int]:
        """Write what waits, and return how many readings there are. Raises Unavailable."""
        await self._store.flush()
        return {"readings": self._store.status.readings}

    async def wait_change(self, after: int) -> int:
        """Return the revision once it is larger than `after`."""
        return await self._changes.beyond(after)

    async def control(self, change: dict[str, Any]) -> None:
        """Take over a part of the controls, at once and for good. Raises ConfigError."""
        await self.steering.control(change)

    async def adopt(self, config: Config) -> None:
        """Bring every part concerned to other settings; the others do not notice.

        Raises ConfigError for drivers' tables that cannot be; then nothing has changed.
        """
        old = self.config
        if config.drivers != old.drivers:
            await self.host.change(driver_tables(config), config.file)
        if (config.camera, config.vision) != (old.camera, old.vision):
            self.sight.change(config.camera, config.vision)
        if (config.store, config.sync) != (old.store, old.sync):
            kept = config.store
            self._store.change(kept.flush_s, kept.keep_days, kept.max_mb, config.sync.outbox_mb)
        self.engine.change(config)
        self.smart_home.change(config)
        self.reach.change(config)
        self.updates.change(config.updates.url)
        self.steering.follow(old)

    async def pair(self, driver: str, progress: Callable[[float], None]) -> str:
        """Pair with a driver's device, then open it with the new key. Raises MirrorError."""
        config = self.config
        said = await pair_with(driver, config.drivers, config.file, state_dir(), progress)
        self.host.reopen(driver)
        return said

    async def forget_last(self, minutes: int) -> None:
        """Delete for good what was recorded in the last minutes. Raises Unavailable."""
        await self.forgetting.forget(Chosen(since=wall.now() - timedelta(minutes=minutes)))

    def stuck(self) -> str:
        """Say what hangs so that only a new start would help, or nothing.

        A lamp, a broker or a camera that is away is nothing of the kind.
        """
        return self._store.stuck or self.sight.stuck

    async def tick(self) -> None:
        """Let time pass, for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            self.engine.tick()
            if (health := self.health()) != self._health:
                self._health = health
                self._changes.note()
            self.steering.tick()

    def _take(self, message: Message) -> None:
        """Take in what the vision process says."""
        self.meters.take(message)
        if isinstance(message, CameraSeen):
            self.judge.saw(message.state)
            if message.state != self.engine.camera.state:
                self._store.log_camera(message.state)
        self.engine.take(message)
