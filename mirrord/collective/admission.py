"""What is too much is refused before it costs anything.

Without a limit everybody waits for everybody: after an outage all mirrors come at once, each waits
longer than it has patience for, and the work is done for nobody. What counts is who waits for the
database, so that a body that trickles in keeps nobody out. Mirrors, which can wait, are sent away
much sooner than people.
"""

from __future__ import annotations

import random
from typing import Final

from aiohttp import web

from mirrord.api.reply import Handler, failure
from mirrord.collective.database import Database
from mirrord.collective.doors import rule_of
from mirrord.collective.settings import LimitSettings

_ALWAYS: Final = ("/health/live", "/health/ready", "/metrics")
_AGAIN_S: Final = (5, 20)  # spread, so that those who were refused together do not return together


class Admission:
    """Lets requests in while the database keeps up."""

    def __init__(self, database: Database, limits: LimitSettings) -> None:
        self._database = database
        self._limits = limits

    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or refuse it if too much waits already."""
        limits = self._limits
        is_mirror = rule_of(request) == "mirror"
        most = limits.batches_at_once if is_mirror else limits.requests_at_once
        if self._database.jobs >= most and request.path not in _ALWAYS:
            return _too_busy()
        return await handler(request)


ADMISSION: web.AppKey[Admission] = web.AppKey("admission", Admission)


@web.middleware
async def admission(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in as many as can be answered soon."""
    return await request.app[ADMISSION].admit(request, handler)


def _too_busy() -> web.Response:
    wait_s = random.randint(*_AGAIN_S)
    said = f"There is too much to do; try again in {wait_s} s."
    response = failure(503, said, {"wait_s": wait_s})
    response.headers["Retry-After"] = str(wait_s)
    return response
