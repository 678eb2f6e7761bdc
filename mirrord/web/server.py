"""aiohttp's server, with our one shape even for what is no HTTP at all."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from mirrord.api.reply import failure

log = logging.getLogger(__name__)
_OPTIONS: Final[dict[str, Any]] = {
    "access_log": None,
    "lingering_time": 2.0,  # seconds for which the rest of a refused body is still taken in
}


class PlainHandler(RequestHandler):
    """One connection. What cannot be understood gets a sentence, and no traceback in the log."""

    __slots__ = ()

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

    def __call__(self) -> PlainHandler:
        return PlainHandler(self, loop=asyncio.get_running_loop(), **_OPTIONS)


class PlainRunner(web.AppRunner):
    """Runs an application on such a server."""

    __slots__ = ()

    async def _make_server(self) -> PlainServer:
        made = await super()._make_server()
        return PlainServer(made.request_handler, request_factory=made.request_factory)
