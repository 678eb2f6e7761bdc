"""The composition root: what the collective is made of, what starts, and what stops."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import sdnotify
from aiohttp import web

from mirrord.api.guests import FROM_ONE, KEPT_FREE, Guests
from mirrord.api.resources.table import RESOURCES
from mirrord.api.server import PlainRunner, listen
from mirrord.collective.admin.routes import AdminRoutes
from mirrord.collective.app import SHARED, Part, Shared, make_app
from mirrord.collective.bus import Bus, LocalBus
from mirrord.collective.database import Database, sqlite_url
from mirrord.collective.figures.answers import Figures
from mirrord.collective.figures.table import resources
from mirrord.collective.gate import Gate
from mirrord.collective.housekeeping import housekeeping
from mirrord.collective.identity import Doorman
from mirrord.collective.linking.routes import MirrorRoutes
from mirrord.collective.live import Live
from mirrord.collective.live.part import teller
from mirrord.collective.migrations import upgrade
from mirrord.collective.observe import Drain, Metrics, Observatory
from mirrord.collective.observe.drain import LAST_S
from mirrord.collective.observe.logs import set_up
from mirrord.collective.pages.part import Pages, show_missing
from mirrord.collective.people.browser import BrowserRoutes
from mirrord.collective.people.desk import Desk
from mirrord.collective.people.leaving import LeavingRoutes
from mirrord.collective.people.routes import AuthRoutes
from mirrord.collective.publishing import Publisher
from mirrord.collective.records import CollectiveRecords
from mirrord.collective.redis_bus import RedisBus
from mirrord.collective.settings import ServerSettings, Settings, with_password
from mirrord.collective.spaces import SpaceRoutes, Spaces, ensure_world
from mirrord.runtime.beside import beside
from mirrord.runtime.open_files import allow_open_files
from mirrord.runtime.stopping import set_by_signals

log = logging.getLogger(__name__)
_FILE: Final = "collective.sqlite3"
_OF_THE_SERVICE: Final = Path("/var/lib/mirrord-collective")
_CONNECTIONS: Final = 1024  # for requests, besides the sockets
DRAIN: web.AppKey[Drain] = web.AppKey("drain", Drain)


def state_dir() -> Path:
    """Return where what is kept lies: systemd's directory, or the user's."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    if os.geteuid() == 0 and _OF_THE_SERVICE.is_dir():
        return _OF_THE_SERVICE  # root looks after the service
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "mood-mirror"


def database_url(settings: Settings) -> str:
    """Return the address of the database, its password included."""
    kept = settings.database
    url = with_password(kept.url, kept.password_file, "database.url")
    return url or sqlite_url(state_dir() / _FILE)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database, its tables brought to the newest form."""
    kept = settings.database
    async with Database.open(database_url(settings), kept.connections) as database:
        await upgrade(database)
        await ensure_world(database, settings.privacy)
        yield database


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[web.Application]:
    """Put the application together; its parts run until the context ends."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(settings))
        await stack.enter_async_context(housekeeping(database, settings.database.keep_days))
        bus = await stack.enter_async_context(bus_of(settings))
        shared = Shared(settings, database, bus)
        metrics, drain = Metrics(), Drain(settings.server.drain_s)
        desk = Desk(database, bus)
        mirrors = MirrorRoutes(database, bus, settings)
        doorman = Doorman(desk.keys, mirrors.credentials.find)
        records = CollectiveRecords(database, teller(bus))
        spaces = SpaceRoutes(database, bus, settings)
        auth = AuthRoutes(desk, settings.accounts, spaces.admits)
        gate = Gate(doorman, bus, Spaces(database), settings.limits)
        observatory = Observatory(settings.server, metrics, drain)
        live = Live(shared, gate, records, metrics, drain)
        parts: list[Part] = [
            auth,
            BrowserRoutes(desk, auth, settings),
            LeavingRoutes(database, desk, doorman),
            mirrors,
            spaces,
            live,
            observatory,
            AdminRoutes(database, doorman),
            Pages(),
        ]
        table = (*RESOURCES, *resources(Figures(database)))
        publishing = Publisher(database, bus).run()
        await stack.enter_async_context(beside(publishing, "publisher"))
        metrics.watch("bus_up", "1 if the bus answers.", lambda: not bus.problem)
        metrics.watch("database_jobs", "Jobs done now, or waiting.", lambda: database.jobs)
        metrics.watch("database_up", "1 if the database answered.", lambda: not database.problem)
        outer = [observatory.middleware, show_missing]
        app = make_app(shared, gate, records, table, parts, outer)
        app[DRAIN] = drain
        yield app


@asynccontextmanager
async def bus_of(settings: Settings) -> AsyncIterator[Bus]:
    """Hold the bus: Redis if there is an address, or this process alone."""
    url = with_password(settings.bus.url, settings.bus.password_file, "bus.url")
    if not url:
        yield LocalBus()
        return
    async with RedisBus.open(url) as bus:
        yield bus


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """Serve until the context ends; yields the address. Port 0 takes a free one.

    Raises MirrorError if the settings, the database or the address cannot be used.
    """
    async with assembled(settings) as app, listening(app, settings.server) as url:
        yield url


@asynccontextmanager
async def listening(app: web.Application, server: ServerSettings) -> AsyncIterator[str]:
    """Serve an application until the context ends, and drain it. Yields the address.

    Raises MirrorError.
    """
    guests = _guests(app[SHARED].settings)
    runner = PlainRunner(app, shutdown_timeout=LAST_S, guests=guests)
    await runner.setup()
    try:
        yield await listen(runner, server.host, server.port, "collective", "server")
    finally:
        app[DRAIN].begin()
        await runner.cleanup()


def _guests(settings: Settings) -> Guests:
    """Return how many connections are taken: as many as the system lets us, all from a proxy."""
    limits = settings.limits
    wanted = limits.sockets + _CONNECTIONS
    most = min(wanted, allow_open_files(wanted + KEPT_FREE) - KEPT_FREE)
    if most < limits.sockets:
        log.warning("the system allows %d connections, fewer than [limits] sockets", most)
    from_one = most if settings.server.proxies else max(FROM_ONE, 2 * limits.sockets_per_address)
    return Guests(most, from_one)


async def run(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. Raises MirrorError as `serving` does."""
    stop = set_by_signals(asyncio.Event())
    set_up()
    notifier = sdnotify.SystemdNotifier()
    async with serving(settings) as url:
        ready(url)
        notifier.notify(f"READY=1\nSTATUS=Serving at {url}")
        await stop.wait()
        notifier.notify("STOPPING=1")
