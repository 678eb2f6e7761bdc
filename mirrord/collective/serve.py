"""The composition root: what the collective is made of, what starts, and what stops."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sdnotify
from aiohttp import web

from mirrord.api.records import Reading
from mirrord.api.resources.table import RESOURCES
from mirrord.api.server import PlainRunner
from mirrord.collective.app import Part, Shared, make_app
from mirrord.collective.bus import Bus, LocalBus
from mirrord.collective.database import Database, sqlite_url
from mirrord.collective.figures.answers import Figures
from mirrord.collective.figures.table import resources
from mirrord.collective.gate import Gate
from mirrord.collective.housekeeping import housekeeping
from mirrord.collective.identity import Doorman
from mirrord.collective.linking.routes import MirrorRoutes
from mirrord.collective.migrations import upgrade
from mirrord.collective.people.desk import Desk
from mirrord.collective.people.routes import AuthRoutes
from mirrord.collective.publishing import Publisher
from mirrord.collective.records import CollectiveRecords
from mirrord.collective.settings import ServerSettings, Settings, with_password
from mirrord.collective.spaces import SpaceRoutes, Spaces, ensure_world
from mirrord.errors import MirrorError

log = logging.getLogger(__name__)
_FILE: Final = "collective.sqlite3"


def state_dir() -> Path:
    """Return where what is kept lies: systemd's directory, or the user's."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(given) if given else Path(home).expanduser() / "mood-mirror"


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
        bus: Bus = LocalBus()
        shared = Shared(settings, database, bus)
        desk = Desk(database, bus)
        mirrors = MirrorRoutes(database, bus, settings)
        doorman = Doorman(desk.keys, mirrors.credentials.find)
        records = CollectiveRecords(database, _nobody_listens)
        spaces = SpaceRoutes(database, bus, settings)
        auth = AuthRoutes(desk, settings.accounts, spaces.admits)
        parts: list[Part] = [auth, mirrors, spaces]
        gate = Gate(doorman, bus, Spaces(database), settings.limits)
        table = (*RESOURCES, *resources(Figures(database)))
        await stack.enter_async_context(_running(Publisher(database, bus).run()))
        yield make_app(shared, gate, records, table, parts)


@asynccontextmanager
async def _running(job: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something beside all else until the context ends."""
    task = asyncio.create_task(job)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _nobody_listens(account: int, reading: Reading) -> None:
    del account, reading


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """Serve until the context ends; yields the address. Port 0 takes a free one.

    Raises MirrorError if the settings, the database or the address cannot be used.
    """
    async with assembled(settings) as app, listening(app, settings.server) as url:
        yield url


@asynccontextmanager
async def listening(app: web.Application, server: ServerSettings) -> AsyncIterator[str]:
    """Serve an application until the context ends; yields the address. Raises MirrorError."""
    runner = PlainRunner(app, shutdown_timeout=server.drain_s)
    await runner.setup()
    try:
        await _listen(runner, server.host, server.port)
        yield _address(server.host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def run(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. Raises MirrorError as `serving` does."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    notifier = sdnotify.SystemdNotifier()
    async with serving(settings) as url:
        ready(url)
        notifier.notify(f"READY=1\nSTATUS=Serving at {url}")
        await stop.wait()
        notifier.notify("STOPPING=1")


async def _listen(runner: PlainRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise MirrorError(
            f"The collective cannot be served at {host}, port {port} ({reason}): choose another "
            "[server] host or port, or stop what is using it."
        ) from None


def _address(host: str, port: int) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  # asked for by the settings, only named here
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
