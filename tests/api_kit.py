"""The real page with the real store behind the resources, for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from mirrord.api.caller import NOBODY, Caller, set_caller
from mirrord.api.reply import Handler
from mirrord.api.rooms import Rooms
from mirrord.config import StoreSettings
from mirrord.consent import Consent, Room
from mirrord.model import EXPRESSIONS, Affect, Environment, Expression, Measured, Mood, Reading
from mirrord.mood import affect_of
from mirrord.response import respond
from mirrord.store import Store
from mirrord.web import make_app, serve
from mirrord.web.consent import Consenting, consent_part
from mirrord.web.emotions import emotions
from mirrord.web.first_steps import Steps, first_steps_part
from mirrord.web.privacy import privacy_part
from mirrord.web.records import DeviceRecords
from mirrord.web.room import room_part
from tests.fakes.mirror import FakeMirror

OWNER = Caller("anna", "owner", frozenset({"look", "read", "control"}))
READER = Caller("rita", "reader", frozenset({"look", "read"}))
CALLERS = {"owner": OWNER, "reader": READER}
Part = Callable[[web.Application], None]
MOODS = {"joy": 0.7, "calm": 0.1, "energy": 0.3, "melancholy": 0.0}


@dataclass
class Served:
    """What a test holds of a running page."""

    url: str
    http: aiohttp.ClientSession
    store: Store
    rooms: Rooms
    app: web.Application
    ended: list[str] = field(default_factory=list)

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        async with self.http.get("/emotions/" + path, **options) as response:
            return response.status, await response.json()

    async def post(self, path: str, json: object = None, **options: Any) -> tuple[int, Any]:
        if json is not None:
            options["json"] = json
        async with self.http.post("/emotions/" + path, **options) as response:
            return response.status, await response.json()


def respond_by_hand(affect: Affect) -> Environment:
    return respond(Mood(affect, "unsure", 1.0, 1, True), Measured())


def seen(expression: Expression = "happy", at: datetime | None = None) -> Reading:
    """Return what a camera might have seen."""
    shares = {name: 0.88 if name == expression else 0.02 for name in EXPRESSIONS}
    affect = affect_of(shares)
    return Reading(at or datetime.now(UTC), 1, shares, expression, 0.9, affect)


@web.middleware
async def by_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The access of this test: a token is the name of who asks; whoever has none is nobody."""
    name = request.headers.get("Authorization", "").removeprefix("Token ")
    set_caller(request, CALLERS.get(name, NOBODY))
    return await handler(request)


def agreed_in(folder: Path) -> Consenting:
    """A consent that was given, and changes nothing but itself."""
    consent = Consent(folder / "mirror.consent.json")
    consent.begin(in_use=False)
    consent.give("anna", "home")

    async def agree(by: str, room: Room) -> None:
        consent.give(by, room)

    async def withdraw(by: str) -> None:
        consent.withdraw(by)

    return Consenting(consent, lambda: 0, agree, withdraw)


@asynccontextmanager
async def served(
    folder: Path, flush_s: float = 0.05, more: Callable[[Store], Iterable[Part]] = lambda _store: ()
) -> AsyncIterator[Served]:
    """Serve the page over a fresh store, with `more` parts of it."""
    async with Store.open(folder / "mirror.db", flush_s) as store:
        rooms, ended = Rooms(), list[str]()
        records = DeviceRecords(store, rooms, respond_by_hand, ended.append)
        parts = (
            lambda app: app.middlewares.append(by_token),
            emotions(records, rooms),
            privacy_part(store, StoreSettings),
            room_part(respond_by_hand),
            consent_part(agreed_in(folder)),
            first_steps_part(Steps(None, lambda _step: None)),
            *more(store),
        )
        app = make_app(FakeMirror(), *parts)
        async with (
            serve(app, "127.0.0.1", 0) as url,
            aiohttp.ClientSession(url, headers={"Authorization": "Token owner"}) as http,
        ):
            yield Served(url.rstrip("/"), http, store, rooms, app, ended)
