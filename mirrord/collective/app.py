"""The application: its parts put together, and what is added to every answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

import mirrord
from mirrord.api.mount import mount
from mirrord.api.papers import mount_papers
from mirrord.api.records import Records
from mirrord.api.reply import speak_plainly
from mirrord.api.resource import Resource
from mirrord.collective.admission import ADMISSION, Admission, admission
from mirrord.collective.bus import Bus
from mirrord.collective.caller import ANYBODY
from mirrord.collective.cors import ORIGINS, add_origin, cors
from mirrord.collective.database import Database
from mirrord.collective.doors import DOORS, add, allow, allow_paths, check_doors
from mirrord.collective.gate import GATE, Gate, guard
from mirrord.collective.settings import Settings
from mirrord.pages.policy import CONTENT_POLICY

MAX_BODY: Final = 1024 * 1024
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "Server": "mirrord",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Part(Protocol):
    """A part of the application: it adds its routes, each with its rule (`doors.add`)."""

    def mount(self, app: web.Application) -> None: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What the parts of one process share."""

    settings: Settings
    database: Database
    bus: Bus


SHARED: web.AppKey[Shared] = web.AppKey("shared", Shared)


def make_app(
    shared: Shared,
    gate: Gate,
    records: Records,
    resources: Iterable[Resource],
    parts: Iterable[Part],
    middlewares: Iterable[Middleware] = (),
) -> web.Application:
    """Return the application, to be served; middlewares of the parts stand outside of ours."""
    table = list(resources)
    outer = [*middlewares, speak_plainly, cors, admission, guard]
    app = web.Application(middlewares=outer, client_max_size=MAX_BODY)
    app[SHARED], app[GATE], app[DOORS] = shared, gate, {}
    app[ADMISSION] = Admission(shared.database, shared.settings.limits)
    app[ORIGINS] = frozenset(shared.settings.server.origins)
    mount(app, table, records)
    allow(app, table)
    mount_papers(app, table, mirrord.__version__, ANYBODY.scopes)
    allow_paths(app, "/emotions/docs", "public")
    allow_paths(app, "/emotions/openapi.json", "public")
    add(app, "GET", "/health/live", "public", _alive)
    add(app, "GET", "/health/ready", "public", _ready)
    for part in parts:
        part.mount(app)
    app.on_startup.append(check_doors)
    app.on_response_prepare.append(_add_headers)
    app.on_response_prepare.append(add_origin)
    return app


async def _alive(_request: web.Request) -> web.StreamResponse:
    """Answer that the process runs."""
    return web.json_response({"status": "alive"})


async def _ready(request: web.Request) -> web.StreamResponse:
    """Answer whether requests can be served: the database answers. Raises Unavailable."""
    shared = request.app[SHARED]
    await shared.database.check()
    return web.json_response({"status": "ready", "bus": shared.bus.problem or "fine"})


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add to every answer what keeps browsers strict; a document may widen its own policy."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.status == 503:
        response.headers.setdefault("Retry-After", "5")
    public = request.path.startswith(("/fonts/", "/static/"))
    response.headers.setdefault("Cache-Control", "no-cache" if public else "no-store")
