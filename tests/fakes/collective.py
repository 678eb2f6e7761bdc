"""A collective that keeps the contract of `mirrord.sync_wire` to the letter, in memory.

`faults` holds what to answer instead, once each, in order: a status, or a coroutine function that
takes the request. `confirm()` is the person who types the code into the account.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from mirrord.api.reply import failure, success
from mirrord.sync_wire import (
    MOST_BYTES,
    WIDTH_MS,
    Batch,
    BatchAnswer,
    Claim,
    Claimed,
    Credential,
    Enrol,
    Enrolling,
    Erased,
    Erasure,
    Item,
    Itself,
    Result,
    SessionEnd,
    Tally,
)

Fault = int | Callable[[web.Request], Awaitable[web.StreamResponse]]
DAY_MS = 86_400_000
AHEAD_MS = 600_000  # how far ahead of the collective's clock a time may lie


@dataclass
class FakeCollective:
    """One account with one mirror."""

    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    days: float = 90.0
    faults: list[Fault] = field(default_factory=list)
    refuse: Callable[[Item], Result | None] = lambda item: None
    tallies: dict[tuple[str, str, int], Tally] = field(default_factory=dict)
    sessions: dict[str, SessionEnd] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    requests: list[tuple[str, str]] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    credential: str = ""
    next_credential: str = ""
    expires: int = 0
    mirror: str = ""
    claims: dict[str, str] = field(default_factory=dict)  # claim -> state
    url: str = ""

    def confirm(self, state: str = "linked") -> None:
        for claim in self.claims:
            self.claims[claim] = state

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BYTES)
        mirrors = "/emotions/api/mirrors/"
        for method, path, handler in (
            ("POST", f"{mirrors}enrol/", self._enrol),
            ("POST", f"{mirrors}claim/", self._claim),
            ("POST", f"{mirrors}self/rotate/", self._rotate),
            ("GET", f"{mirrors}self/", self._itself),
            ("DELETE", f"{mirrors}self/", self._leave),
            ("POST", f"{mirrors}self/erase/", self._erase),
            ("POST", "/emotions/api/sync/", self._sync),
        ):
            app.router.add_route(method, path, self._guarded(handler))
        return app

    def _guarded(self, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self.requests.append((request.method, request.path))
            if self.faults:
                fault = self.faults.pop(0)
                if isinstance(fault, int):
                    return failure(fault, f"That is a {fault}.")
                return await fault(request)
            return await handler(request)

        return guarded

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a batch as it should be, for faults that spoil the answer afterwards."""
        return await self._sync(request)

    async def _enrol(self, request: web.Request) -> web.Response:
        msgspec.json.decode(await request.read(), type=Enrol)
        claim = secrets.token_urlsafe(16)
        self.claims[claim] = "waiting"
        page = f"{self.url}/mirrors"
        return success("Confirm it.", Enrolling("MIRA-4711", claim, 600, page), 201)

    async def _claim(self, request: web.Request) -> web.Response:
        asked = msgspec.json.decode(await request.read(), type=Claim)
        state = self.claims.get(asked.claim, "expired")
        if state != "linked":
            return success("Not yet.", Claimed(state))
        self.mirror = self.mirror or "m1"
        self.credential, self.next_credential = secrets.token_urlsafe(24), ""
        self.expires = self.now() + int(self.days * DAY_MS)
        claimed = Claimed("linked", self.mirror, self.credential, self.expires, "ann", ("Home",))
        return success("Linked.", claimed)

    def _unsigned(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Mirror ")
        if self.next_credential and given == self.next_credential:
            self.credential, self.next_credential = given, ""
        elif not given or given != self.credential:
            return failure(401, "That credential does not hold.")
        return None

    async def _rotate(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        self.next_credential = secrets.token_urlsafe(24)
        self.expires = self.now() + int(self.days * DAY_MS)
        return success("Here.", Credential(self.next_credential, self.expires))

    async def _itself(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        counts = len(self.tallies), len(self.sessions)
        itself = Itself(self.mirror, "Mirror", "ann", (), self.expires, 0, None, *counts)
        return success("You.", itself)

    async def _leave(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        self.credential = self.next_credential = ""
        return success("Unlinked.", None)

    async def _erase(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        if await request.json() != {"confirm": "erase"}:
            return failure(400, "confirm: is missing")
        gone = Erased(len(self.tallies), len(self.sessions))
        self.tallies.clear()
        self.sessions.clear()
        self.credential = self.next_credential = ""
        return success("Erased.", gone)

    async def _sync(self, request: web.Request) -> web.Response:
        if refused := self._unsigned(request):
            return refused
        body = await request.read()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        if len(body) > MOST_BYTES:
            return failure(413, "The batch is too large.")
        try:
            batch = msgspec.json.decode(body, type=Batch)
        except msgspec.ValidationError as error:
            return failure(400, f"The batch cannot be read: {error}.")
        self.batches.append(batch)
        results = [self.refuse(item) or self._take(item) for item in batch.items]
        return success("Taken.", BatchAnswer(results, self.now(), self.expires))

    def _take(self, item: Item) -> Result:
        if isinstance(item, Erasure):
            return self._erase_session(item)
        if item.session in self.erased:
            return Result("refused", "erased", "The session was erased.")
        if isinstance(item, SessionEnd):
            return _put(self.sessions, item.session, item)
        if item.start % WIDTH_MS[item.width] or sum(item.dominant) != item.readings:
            return Result("refused", "invalid", "The stretch is not right.")
        if item.start > self.now() + AHEAD_MS:
            return Result("refused", "clock", "It lies ahead of our clock.", retry=True)
        return _put(self.tallies, (item.session, item.width, item.start), item)

    def _erase_session(self, item: Erasure) -> Result:
        if item.session is None or item.since is not None or item.until is not None:
            return Result("refused", "invalid", "This mirror erases whole sessions.")
        self.erased.add(item.session)
        self.sessions.pop(item.session, None)
        for key in [key for key in self.tallies if key[0] == item.session]:
            del self.tallies[key]
        return Result("stored")


def _put(kept: dict[Any, Any], key: Any, item: Any) -> Result:
    if (known := kept.get(key)) is None:
        kept[key] = item
        return Result("stored")
    if isinstance(item, Tally):  # being late is no part of what it says
        known = msgspec.structs.replace(known, is_historical=item.is_historical)
    return Result("duplicate") if known == item else Result("refused", "differs", "It differs.")


@asynccontextmanager
async def serving(collective: FakeCollective, port: int = 0) -> AsyncIterator[FakeCollective]:
    """Serve it on loopback."""
    runner = web.AppRunner(collective.app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        collective.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collective
    finally:
        await runner.cleanup()
