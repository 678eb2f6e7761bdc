"""The page of the running mirror: its parts, and what each needs of the mirror."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from mirrord.config import store_path
from mirrord.daemon.console import console_line
from mirrord.daemon.files import Files
from mirrord.daemon.mirror import Daemon
from mirrord.first_start import first_start
from mirrord.metrics import Sources, metrics_part
from mirrord.recorded import emotions_part
from mirrord.settings.adoption import Cameras, settings_part
from mirrord.store import Store
from mirrord.web.access import access_part
from mirrord.web.app import Part, make_app, routes_of, serve
from mirrord.web.collective import collective_part
from mirrord.web.corrections import correcting
from mirrord.web.export import exports
from mirrord.web.forget import forgets
from mirrord.web.history import history_part
from mirrord.web.live import LOOKERS
from mirrord.web.privacy import privacy_part
from mirrord.web.room import room_part
from mirrord.web.why import explaining


@asynccontextmanager
async def served(daemon: Daemon, files: Files, cameras: Cameras) -> AsyncIterator[str]:
    """Serve the page until the context ends; yields its address. Raises MirrorError."""
    daemon.code = await files.accounts.begin_code()
    await daemon.teaching.begin()
    app = make_app(
        daemon,
        _access(files),
        *_records(daemon, files),
        *await first_start(daemon.steering, files.store),
        daemon.reach.add,
        *_pages(daemon, files, cameras),
        _figures(daemon, files.store),
    )
    daemon.routes = routes_of(app)
    settings = files.layers.config.web
    async with serve(app, settings.host, settings.port) as url:
        daemon.reach.serve_at(url)
        daemon.smart_home.page = url
        yield url


def _access(files: Files) -> Part:
    """Return the door: accounts, sessions, tokens."""
    return access_part(
        files.accounts,
        optional=files.layers.config.web.opens_here,
        begun_by=files.store.begun_by,
        console=console_line(files.layers.base),
    )


def _records(daemon: Daemon, files: Files) -> list[Part]:
    """Return what answers under /emotions/: why, corrections, readings, export, forgetting."""
    store, path = files.store, store_path(files.layers.config)
    return [
        explaining(daemon.reasons),
        correcting(daemon.teaching),
        emotions_part(store, daemon.engine, daemon.host.measured, daemon.health),
        exports(store, path),
        forgets(store, path, daemon.forgetting.forget),
    ]


def _pages(daemon: Daemon, files: Files, cameras: Cameras) -> list[Part]:
    """Return the further pages, and what they ask for."""
    return [
        collective_part(daemon.sync.desk),
        settings_part(daemon, files.layers, cameras),
        history_part,
        privacy_part(files.store, lambda: daemon.engine.config.store),
        room_part(daemon.engine.foresee),
    ]


def _figures(daemon: Daemon, store: Store) -> Part:
    """Return the figures for Prometheus; the page's own say how many look at it."""
    store.on_reading(daemon.meters.reading)

    def add(app: web.Application) -> None:
        sources = Sources(
            daemon.state,
            lambda: daemon.host.counted,
            lambda: store.flushes,
            lambda: daemon.sight.restarts,
            lambda: len(app[LOOKERS]),
        )
        metrics_part(daemon.meters, sources)(app)

    return add
