"""Sockets stay open for days; whoever may not look any more must not go on looking."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

from mirrord.accounts import Accounts
from mirrord.errors import MirrorError
from mirrord.web.access.identity import Doorman, Identity

log = logging.getLogger(__name__)

GLANCE_S: Final = 0.25  # after a change made on the page
CHECK_S: Final = 2.0  # after a change made by a command, or an end that has come


class OpenSockets:
    """Knows who holds each open socket, and lets go of those whose right has ended."""

    def __init__(self, accounts: Accounts, doorman: Doorman) -> None:
        self._accounts = accounts
        self._doorman = doorman
        self._open: dict[object, tuple[web.Request, Identity]] = {}

    @contextmanager
    def watching(self, request: web.Request, identity: Identity) -> Iterator[None]:
        """Hold the socket of this request to the identity that opened it, while it is open."""
        entry = object()
        self._open[entry] = request, identity
        try:
            yield
        finally:
            del self._open[entry]

    async def watch(self) -> None:
        """Check for ever."""
        while True:
            before = self._accounts.changes
            await self._pause(before)
            for request, identity in list(self._open.values()):
                if not await self._holds(identity):
                    self._close(request)

    def _close(self, request: web.Request) -> None:
        self._doorman.forget()  # it comes back at once, and must not be let in again
        if request.transport is not None:
            request.transport.abort()

    async def _pause(self, before: int) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + CHECK_S
        while loop.time() < until and self._accounts.changes == before:
            await asyncio.sleep(GLANCE_S)

    async def _holds(self, identity: Identity) -> bool:
        try:
            return await self._doorman.still(identity)
        except MirrorError as error:
            log.debug("a socket stays open although it cannot be checked: %s", error)
            return True
