"""The composition root: what starts, in which order, and what stops (the same, mirrored)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec

from mirrord.accounts import Accounts
from mirrord.config import Config, accounts_path, consent_path, state_dir, store_path
from mirrord.consent import Consent, Room
from mirrord.controls import Controls, Holding, restored
from mirrord.driver_host import DriverHost, configured, installed_plugins, needs_settings
from mirrord.driver_host.pairing import pair_with
from mirrord.engine import Engine
from mirrord.errors import ConfigError, MirrorError
from mirrord.first_start import first_start, program_folders
from mirrord.forgetting import Forgetting
from mirrord.health import Health, Link, StoreSigns
from mirrord.health.judge import Judge
from mirrord.metrics import Meters, Sources, metrics_part
from mirrord.modes import answers
from mirrord.reach import Reach
from mirrord.recorded import emotions_part
from mirrord.runtime import wall
from mirrord.runtime.boot_clock import BootClock
from mirrord.runtime.program import Program
from mirrord.runtime.systemd import Notifier
from mirrord.runtime.watchdog import watched
from mirrord.settings.adoption import Cameras, followed, settings_part
from mirrord.settings.start import settings_to_start_with
from mirrord.sight import Sight
from mirrord.smart_home import HUB, Kept, SmartHome
from mirrord.snapshot import snapshot
from mirrord.status import report, serve_status, socket_path
from mirrord.store import Store
from mirrord.store.dating import Dating
from mirrord.store.queries import Chosen
from mirrord.sync.link import link_path
from mirrord.sync.running import Sync
from mirrord.sync.status import SyncStatus
from mirrord.teaching import Teaching
from mirrord.web.access import access_part
from mirrord.web.app import make_app, routes_of, serve
from mirrord.web.collective import collective_part
from mirrord.web.corrections import correcting
from mirrord.web.export import exports
from mirrord.web.forget import forgets
from mirrord.web.history import history_part
from mirrord.web.live import LOOKERS
from mirrord.web.privacy import privacy_part
from mirrord.web.room import room_part
from mirrord.web.why import explaining
from mirrord.why.reasons import Reasons
from mirrord.wire import CameraSeen, Message

_log = logging.getLogger(__name__)

TICK_S = 0.25
_CONTROLS = "controls"
_MEMORY = "memory."
_WAITS = "the camera stays off until somebody agrees to the house rules: open /welcome on the page"


class Daemon:
    """A running mirror: implements what the page asks of one (`mirrord.web.mirror.Mirror`)."""

    def __init__(
        self,
        config: Config,
        store: Store,
        memory: dict[str, Any],
        saved: object,
        consent: Consent,
        demo: bool,
    ) -> None:
        self._config = config
        self.consent = consent
        self._store = store
        self._demo = demo
        self._rev = 0
        self._change = asyncio.Event()
        self._holding = Holding()
        self.tasks: set[asyncio.Task[None]] = set()
        self.code = ""  # proves who the owner is, as long as there is none
        self.routes: list[tuple[str, str]] = []  # method and path of all that the page answers
        self.host = DriverHost(
            driver_tables(config),
            state_dir(),
            memory,
            on_change=self._changed,
            save_memory=self._remember,
            where=config.file,
        )
        switches = {status.name: status.enabled for status in self.host.status}
        controls = self._permitted(restored(saved, config.room, switches))
        self.engine = Engine(config, controls, self.host, store, self._changed)
        self.teaching = Teaching(store, self.engine)
        self.forgetting = Forgetting(store, self.engine, self.teaching)
        self.reasons = Reasons(self.engine, self.host, store)
        self.meters = Meters()
        self.judge = Judge(store_path(config), lambda: int(self._config.store.max_mb * 1e6))
        self._health = Health()
        self._begun_s = time.monotonic()
        self.synced: Callable[[], SyncStatus] = SyncStatus  # how the sync stands
        self.sight = Sight(config.camera, config.vision, self._take)
        self.program = Program(program_folders(), self._changed)
        self.reach = Reach(config)
        self.smart_home = SmartHome(config, self, Kept(memory.get(HUB, {}), store), self._changed)
        self._obey(controls)

    def state(self) -> dict[str, Any]:
        """Return everything that a page shows."""
        shown = snapshot(
            self._config,
            self.engine,
            self.host.status,
            self.host.measured(),
            self._store.status,
            self._demo,
            self.reasons.reason(),
            self.smart_home.status,
            self.health(),
        )
        consent = self.consent.shown(self._config.camera.source)
        if not consent["allows"]:
            shown["camera"]["detail"] = _WAITS
        return {"rev": self._rev, **shown, "consent": consent, "updated": self.program.updated}

    def health(self) -> Health:
        """Return whether the mirror is well, and what is wrong."""
        kept, hub, sync = self._store.status, self.smart_home.status, self.synced()
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
            self._waits(),
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
        while self._rev <= after:
            await self._change.wait()
        return self._rev

    async def adopt(self, config: Config) -> None:
        """Bring every part concerned to other settings; the others do not notice.

        Raises ConfigError for drivers' tables that cannot be; then nothing has changed.
        """
        old = self._config
        if config.drivers != old.drivers:
            await self.host.change(driver_tables(config), config.file)
        if (config.camera, config.vision) != (old.camera, old.vision):
            self.sight.change(config.camera, config.vision)
        if (config.store, config.sync) != (old.store, old.sync):
            kept = config.store
            self._store.change(kept.flush_s, kept.keep_days, kept.max_mb, config.sync.outbox_mb)
        self._config = config
        self.engine.change(config)
        self.smart_home.change(config)
        self.reach.change(config)
        controls = followed(self.engine.controls, old, config, self.host.status)
        self._become(self._permitted(controls))

    async def pair(self, driver: str, progress: Callable[[float], None]) -> str:
        """Pair with a driver's device, then open it with the new key. Raises MirrorError."""
        config = self._config
        said = await pair_with(driver, config.drivers, config.file, state_dir(), progress)
        self.host.reopen(driver)
        return said

    async def control(self, change: dict[str, Any]) -> None:
        """Take over a part of the controls, at once and for good. Raises ConfigError."""
        if change.get("camera") and not self.consent.allows(self._config.camera.source):
            raise ConfigError(f"control: camera: {_WAITS}")
        controls = self.engine.controls.changed(change, self._config.mirror)
        self._become(controls)

    async def agree(self, by: str, room: Room) -> None:
        """Note that somebody agreed to the house rules, and open the eye. Raises Unavailable."""
        before = self.consent.state
        await asyncio.to_thread(self.consent.give, by, room)
        if before in ("needed", "withdrawn"):  # else somebody may have switched it off themselves
            self._become(msgspec.structs.replace(self.engine.controls, camera=True))
        self._changed()

    async def withdraw(self, by: str) -> None:
        """Close the eye until somebody agrees again. Raises Unavailable, with the eye closed."""
        try:
            await asyncio.to_thread(self.consent.withdraw, by)
        finally:
            self._become(self._permitted(self.engine.controls))

    async def forget_last(self, minutes: int) -> None:
        """Delete for good what was recorded in the last minutes. Raises Unavailable."""
        await self.forgetting.forget(Chosen(since=wall.now() - timedelta(minutes=minutes)))

    async def until(self, stop: asyncio.Event) -> None:
        """Wait for `stop`. Raises MirrorError if a part of the mirror ends by itself meanwhile."""
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({stopping, *self.tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        for task in self.tasks:
            if task.done():
                error = None if task.cancelled() else task.exception()
                _log.error("%s ended by itself", task.get_name(), exc_info=error)
                raise MirrorError(f"the part '{task.get_name()}' failed; see the log")

    def stuck(self) -> str:
        """Say what hangs so that only a new start would help, or nothing.

        A lamp, a broker or a camera that is away is nothing of the kind.
        """
        return self._store.stuck or self.sight.stuck

    async def tick(self) -> None:
        """Let time pass for the engine, for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            self.engine.tick()
            if (health := self.health()) != self._health:
                self._health = health
                self._changed()
            controls, present = self.engine.controls, self.engine.mood.present
            if self._holding.is_over(controls, present, time.monotonic(), self._config.room.hold_s):
                self._become(controls.released())

    def _waits(self) -> str:
        """Return why the camera waits, if nobody has been asked yet: a withdrawal is a wish."""
        allowed = self.consent.allows(self._config.camera.source)
        return "" if allowed or self.consent.state == "withdrawn" else _WAITS

    def _permitted(self, controls: Controls) -> Controls:
        """Return the controls with the camera off where nobody has agreed that it looks."""
        allowed = self.consent.allows(self._config.camera.source)
        return controls if allowed else msgspec.structs.replace(controls, camera=False)

    def _become(self, controls: Controls) -> None:
        self._obey(controls)
        self.engine.set_controls(controls)
        self._store.set_setting(_CONTROLS, msgspec.to_builtins(controls))

    def _obey(self, controls: Controls) -> None:
        self.sight.camera_on(controls.camera)
        self.host.pause(not controls.room or not answers(controls.aim(self._config.mirror).mode))
        for name, on in controls.drivers.items():
            self.host.enable(name, on)

    def _remember(self, driver: str, values: dict[str, Any]) -> None:
        self._store.set_setting(_MEMORY + driver, values)

    def _take(self, message: Message) -> None:
        self.meters.take(message)
        if isinstance(message, CameraSeen):
            self.judge.saw(message.state)
            if message.state != self.engine.camera.state:
                self._store.log_camera(message.state)
        self.engine.take(message)

    def _changed(self) -> None:
        self._rev += 1
        self._change.set()
        self._change = asyncio.Event()


def driver_tables(config: Config) -> dict[str, dict[str, Any]]:
    """Return the table of every driver that can run; those that the settings do not name are off.

    An installed driver that needs settings (an address) is there only if they name it.
    """
    plugins = installed_plugins()
    off: dict[str, dict[str, Any]] = {
        name: {"enabled": False} for name in plugins if not needs_settings(plugins[name])
    }
    return off | config.drivers


async def run(
    config: Config,
    *,
    demo: bool = False,
    ready: Callable[[Daemon, str], None] | None = None,
    stop: asyncio.Event | None = None,
    cameras: Cameras = list,
) -> None:
    """Run the mirror until SIGINT or SIGTERM, or until `stop` is set.

    `ready` is called with the daemon and the page's address; `cameras` lists what cameras there are
    (`mirrord.vision.camera.find_cameras`). Raises MirrorError if the settings,
    the store or the page's address cannot be used.
    """
    stop = stop or asyncio.Event()
    configured(
        config.drivers, config.file
    )  # a mistake in the settings shows before anything starts
    async with started(config, demo=demo, cameras=cameras) as (daemon, url):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        status = f"Page at {url}"
        with Notifier() as notifier:
            notifier.ready(status)
            if ready:
                ready(daemon, url)
            async with watched(notifier, daemon.stuck, status):
                await daemon.until(stop)
            notifier.stopping()


@asynccontextmanager
async def started(
    config: Config, *, demo: bool = False, cameras: Cameras = list
) -> AsyncIterator[tuple[Daemon, str]]:
    """Start everything, yield the daemon and the page's address, stop everything.

    The settings are those of the file, with what was changed on the page over them.

    Start: store, page, drivers, camera. Stop: camera, drivers (devices given back), page, store.
    """
    layers = await asyncio.to_thread(settings_to_start_with, config)
    base, config = layers.base, layers.config
    consent, in_use = Consent(consent_path(base)), store_path(base).exists()
    async with AsyncExitStack() as stack:
        clock = BootClock()
        store = await stack.enter_async_context(_opened(config, clock))
        names = {*installed_plugins(), *config.drivers, HUB}
        accounts = await stack.enter_async_context(Accounts.open(accounts_path(base)))
        in_use = in_use and await accounts.has_owner()
        await asyncio.to_thread(consent.begin, in_use)
        memory = {name: await store.get_setting(_MEMORY + name) or {} for name in names}
        controls = await store.get_setting(_CONTROLS)
        daemon = Daemon(config, store, memory, controls, consent, demo)
        stack.callback(daemon.engine.close)
        web = config.web
        daemon.code = await accounts.begin_code()
        sync = Sync(store, clock, lambda: daemon.engine.config)
        daemon.synced = lambda: sync.sender.status
        access = access_part(accounts, optional=web.opens_here, begun_by=store.begun_by)
        settings = settings_part(daemon, layers, cameras)
        emotions = emotions_part(store, daemon.engine, daemon.host.measured, daemon.health)
        await daemon.teaching.begin()
        why, teach = explaining(daemon.reasons), correcting(daemon.teaching)
        privacy = privacy_part(store, lambda: daemon.engine.config.store)
        export = exports(store, store_path(config))
        forget = forgets(store, store_path(config), daemon.forgetting.forget)
        store.on_reading(daemon.meters.reading)
        metrics = metrics_part(
            daemon.meters,
            Sources(
                daemon.state,
                lambda: daemon.host.counted,
                lambda: store.flushes,
                lambda: daemon.sight.restarts,
                lambda: len(app[LOOKERS]),
            ),
        )
        collective = collective_part(sync.desk)
        room = room_part(daemon.engine.foresee)
        pages = (collective, settings, history_part, privacy, room, metrics)
        first = (*await first_start(daemon, store), daemon.reach.add)
        app = make_app(daemon, access, why, teach, emotions, export, forget, *first, *pages)
        daemon.routes = routes_of(app)
        url = await stack.enter_async_context(serve(app, web.host, web.port))
        daemon.reach.serve_at(url)
        daemon.reach.linked = link_path(config).exists
        daemon.smart_home.page = url
        answers = {"status": daemon.report, "flush": daemon.flush}
        await stack.enter_async_context(serve_status(socket_path(layers.base), answers))
        for name, work in (
            ("drivers", daemon.host.run()),
            ("clock", daemon.tick()),
            ("sight", daemon.sight.run()),
            ("hub", daemon.smart_home.run()),
            ("forgetting", daemon.forgetting.watch()),
            ("disk", daemon.judge.disk.run()),
            ("sync", sync.sender.run()),
            ("program", daemon.program.watch()),
            ("reach", daemon.reach.run()),
        ):
            task = asyncio.create_task(work, name=name)
            daemon.tasks.add(task)
            stack.push_async_callback(_stop, task)
        yield daemon, url


def _opened(config: Config, clock: BootClock) -> AbstractAsyncContextManager[Store]:
    kept = config.store
    return Store.open(
        store_path(config),
        kept.flush_s,
        kept.keep_days,
        kept.max_mb,
        outbox_mb=config.sync.outbox_mb,
        dating=Dating(clock.boot, clock.ms, clock.is_set),
    )


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
