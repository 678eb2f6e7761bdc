"""The outermost middleware, /metrics, and what is looked at while the process runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from mirrord.api.caller import NotAllowed, caller_of
from mirrord.api.reply import Handler, failure
from mirrord.collective.caller import Member
from mirrord.collective.doors import add
from mirrord.collective.observe.drain import Drain
from mirrord.collective.observe.logs import REQUEST_ID, request_id
from mirrord.collective.observe.metrics import KIND, Metrics
from mirrord.collective.observe.proxies import client_of, is_in, networks, scheme_of
from mirrord.collective.settings import ServerSettings
from mirrord.runtime.beside import beside

access: Final = logging.getLogger("mirrord.access")
HEADER: Final = "X-Request-Id"
_QUIET: Final = ("/health/live", "/health/ready", "/metrics")
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_LEFT: Final = 499  # the client did not wait for the answer
_LAG_S: Final = 1.0


class Observatory:
    """Sees every request; the first to have it, and the last to have its answer."""

    def __init__(self, settings: ServerSettings, metrics: Metrics, drain: Drain) -> None:
        self._proxies = networks(settings.proxies, "[server] proxies")
        self._readers = networks(settings.metrics, "[server] metrics")
        self._level = logging.INFO if settings.access_log else logging.DEBUG
        self._metrics = metrics
        self._drain = drain
        metrics.watch("requests_in_flight", "Requests being answered now.", lambda: drain.busy)

    def mount(self, app: web.Application) -> None:
        add(app, "GET", "/metrics", "public", self._read)
        app.on_response_prepare.append(_add_id)
        app.on_shutdown.append(self._finish)
        app.cleanup_ctx.append(self._feel_lag)

    @property
    def middleware(self) -> Middleware:
        """What stands outside of everything else."""

        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._watch(request, handler)

        return watch

    async def _watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request = self._as_from_client(request)
        REQUEST_ID.set(request_id(request.headers.get(HEADER)))
        began, status = time.perf_counter(), _LEFT
        is_socket = "Upgrade" in request.headers
        try:
            with nullcontext() if is_socket else self._drain.answering():
                response = await self._answer(request, handler)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            self._note(request, status, time.perf_counter() - began)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._drain.begun and request.path == "/health/ready":
            return failure(503, "This process is about to stop; others are there.")
        response = await handler(request)
        if self._drain.begun and not response.prepared:
            response.force_close()
        return response

    def _as_from_client(self, request: web.Request) -> web.Request:
        """Return the request with the address and the scheme that trusted proxies tell."""
        peer = _peer(request)
        if not self._proxies or not is_in(peer, self._proxies):
            return request
        headers = request.headers
        remote = client_of(peer, headers.getall("X-Forwarded-For", ()), self._proxies)
        scheme = scheme_of(peer, headers.getall("X-Forwarded-Proto", ()), self._proxies)
        return request.clone(remote=remote, scheme=scheme or request.scheme)

    def _note(self, request: web.Request, status: int, seconds: float) -> None:
        route = _route(request)
        method = request.method if request.method in _METHODS else "other"
        self._metrics.requests.labels(method, route, str(status)).inc()
        if status != 101:
            self._metrics.seconds.labels(route).observe(seconds)
        level = logging.DEBUG if route in _QUIET else self._level
        if access.isEnabledFor(level):
            ms = round(seconds * 1000, 1)
            fields = {"method": method, "route": route, "status": status, "ms": ms}
            access.log(level, "%s %s %s", method, route, status, extra={"fields": fields})

    async def _read(self, request: web.Request) -> web.StreamResponse:
        """Answer the figures, to those who may know how the process fares."""
        caller = caller_of(request)
        is_admin = isinstance(caller, Member) and caller.is_admin
        if not is_admin and not self._may_read(request):
            raise NotAllowed(
                "The metrics are for administrators and for the networks in [server] metrics.",
                known=caller.user is not None,
            )
        return web.Response(body=self._metrics.text(), headers={"Content-Type": KIND})

    def _may_read(self, request: web.Request) -> bool:
        """A proxy that is not named may speak for anybody: its address says nothing."""
        forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        if forwarded and not is_in(_peer(request), self._proxies):
            return False
        return is_in(request.remote or "", self._readers)

    async def _finish(self, _app: web.Application) -> None:
        await self._drain.finish()

    async def _feel_lag(self, _app: web.Application) -> AsyncIterator[None]:
        async with beside(self._feel(), "loop lag"):
            yield

    async def _feel(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_S
            await asyncio.sleep(_LAG_S)
            self._metrics.lag.set(loop.time() - due)


async def _add_id(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers[HEADER] = REQUEST_ID.get() or request_id(None)


def _peer(request: web.Request) -> str:
    name = request.transport.get_extra_info("peername") if request.transport else None
    return str(name[0]) if name else ""


def _route(request: web.Request) -> str:
    """Return the route as the router names it: never what somebody wrote into the address."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(none)"
