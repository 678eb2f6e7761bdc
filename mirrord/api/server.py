"""aiohttp's server, with our one shape even for what is no HTTP at all."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from mirrord.api.guests import Guests
from mirrord.api.reply import failure
from mirrord.errors import MirrorError
from mirrord.whereabouts import EVERYWHERE

log = logging.getLogger(__name__)
HEAD_S: Final = 15.0  # within which a request's line and headers have to arrive
_OPTIONS: Final[dict[str, Any]] = {
    "access_log": None,
    "keepalive_timeout": 75.0,  # seconds for which a connection may wait for its next request
    "lingering_time": 2.0,  # seconds for which the rest of a refused body is still taken in
}


class PlainHandler(RequestHandler):
    """One connection. What cannot be understood gets a sentence, and no traceback in the log."""

    __slots__ = ("_address", "_deadline", "_guests", "_head_s")

    def __init__(self, manager: web.Server, guests: Guests, head_s: float) -> None:
        super().__init__(manager, loop=asyncio.get_running_loop(), **_OPTIONS)
        self._guests = guests
        self._head_s = head_s
        self._address: str | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, unless there are too many."""
        super().connection_made(transport)
        address = str((transport.get_extra_info("peername") or ("",))[0])
        if self._guests.enter(address):
            self._address = address
            self._expect_head()
        else:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room for another."""
        if self._address is not None:
            self._guests.leave(self._address)
            self._address = None
        self.head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Whoever begins a request has to get to its body: one byte a minute holds nothing open."""
        if self._deadline is None and self._current_request is None:
            self._expect_head()
        super().data_received(data)

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way."""
        return self._current_request is None

    def head_came(self) -> None:
        """Stop waiting: what comes next is the handler's."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expect_head(self) -> None:
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._head_s, self.force_close)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that no handler has seen."""
        del message  # it repeats what was sent
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("a request from %s failed", request.remote, exc_info=exc)
        else:
            log.debug("%s sent what is no valid HTTP: %s", request.remote, exc)
        if request.writer is not None and request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        response = failure(status, "The request is no valid HTTP.")
        response.force_close()
        return response


class PlainServer(web.Server):
    """Makes such connections."""

    def __init__(self, made: web.Server, guests: Guests, head_s: float) -> None:
        factory = made.request_factory

        def request(message: Any, payload: Any, protocol: Any, *rest: Any) -> web.BaseRequest:
            protocol.head_came()
            return factory(message, payload, protocol, *rest)

        super().__init__(made.request_handler, request_factory=request)
        self._make: Callable[[], PlainHandler] = lambda: PlainHandler(self, guests, head_s)

    def __call__(self) -> PlainHandler:
        return self._make()

    def pre_shutdown(self) -> None:
        """Let go of who only waits: a closing connection drops the rest of a body."""
        for connection in self.connections:
            if isinstance(connection, PlainHandler) and connection.is_idle:
                connection.close()


class PlainRunner(web.AppRunner):
    """Runs an application on such a server."""

    __slots__ = ("_guests", "_head_s")

    def __init__(
        self,
        app: web.Application,
        *,
        shutdown_timeout: float,
        guests: Guests | None = None,
        head_s: float = HEAD_S,
    ) -> None:
        super().__init__(app, shutdown_timeout=shutdown_timeout)
        self._guests = guests or Guests()
        self._head_s = head_s

    async def _make_server(self) -> PlainServer:
        made = await super()._make_server()
        return PlainServer(made, self._guests, self._head_s)


async def listen(runner: PlainRunner, host: str, port: int, what: str, table: str) -> str:
    """Listen, and return the address to open. Port 0 takes a free one.

    Raises MirrorError that `what` cannot be served as `[table]` says.
    """
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise MirrorError(
            f"The {what} cannot be served at {host}, port {port} ({reason}): "
            f"choose another [{table}] host or port, or stop what is using it."
        ) from None
    name = socket.gethostname() if host in EVERYWHERE else host
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{runner.addresses[0][1]}"
