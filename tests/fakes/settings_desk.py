"""A settings page over a mirror that takes over whatever it is given, for its owner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from mirrord.api.caller import Caller, Scope, set_caller
from mirrord.api.reply import Handler
from mirrord.config import Config, parse, state_dir
from mirrord.driver_host.pairing import pair_with
from mirrord.errors import ConfigError
from mirrord.settings.adoption import settings_part
from mirrord.settings.overlay_file import Layers
from mirrord.settings.start import settings_in_force
from mirrord.web import make_app, serve
from tests.fakes.mirror import FakeMirror

CAMERAS = ["source = 0: Webcam (/dev/video0)", "/dev/video9 may not be opened: run usermod"]


class TakesOver:
    """Implements `adoption.Adoptive`; `refuse` makes it fail as a part of a mirror may."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.refuse = ""
        self.reopened: list[str] = []

    async def adopt(self, config: Config) -> None:
        if self.refuse and config.camera != self.config.camera:
            raise ConfigError(self.refuse)
        self.config = config

    async def pair(self, driver: str, progress: Callable[[float], None]) -> str:
        config = self.config
        said = await pair_with(driver, config.drivers, config.file, state_dir(), progress)
        self.reopened.append(driver)
        return said


def as_caller(*scopes: Scope) -> Callable[[web.Application], None]:
    """Return the part that says who asks."""

    @web.middleware
    async def sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        set_caller(request, Caller("someone" if scopes else None, "owner", frozenset(scopes)))
        return await handler(request)

    return lambda app: app.middlewares.append(sign_in)


def settings(folder: Path, **tables: Any) -> Config:
    """Return the settings of a file in `folder`."""
    data = {"store": {"path": str(folder / "mirror.sqlite3")}} | tables
    return parse(data, str(folder / "mirror.toml"))


@asynccontextmanager
async def desk_of(
    base: Config, *scopes: Scope, mirror: FakeMirror | None = None
) -> AsyncIterator[tuple[str, TakesOver, Layers]]:
    """Serve the page over the settings of a file; yields its address and what takes them over."""
    layers = settings_in_force(base)
    taker = TakesOver(layers.config)
    part = settings_part(taker, layers, lambda: CAMERAS)
    app = make_app(mirror or FakeMirror(), as_caller(*scopes), part)
    async with serve(app, "127.0.0.1", 0) as address:
        yield address, taker, layers
