"""The whole collective on a loopback socket, over a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from mirrord.analytics.aggregate import MEASURES, WORDS
from mirrord.collective.app import SHARED
from mirrord.collective.bus import Bus
from mirrord.collective.database import Database, sqlite_url
from mirrord.collective.live.part import LIVE, Live
from mirrord.collective.migrations import upgrade
from mirrord.collective.people.book import AccountBook
from mirrord.collective.people.keys import KeyRing
from mirrord.collective.people.records import Account
from mirrord.collective.serve import assembled, listening
from mirrord.collective.settings import Settings
from mirrord.credentials import secrets
from mirrord.credentials.people import NewUser
from mirrord.model import MOODS

PASSWORD = "seven wet umbrellas"
MINUTE_MS = 60_000


instead: list[str] = []  # the address of another database, while tests run on that


def url_in(folder: Path, name: str) -> str:
    """Return the address of a database: SQLite in a folder, or the one that takes its place."""
    return instead[0] if instead else sqlite_url(folder / name)


migrated: list[bytes] = []  # an empty database in its newest form: making one takes a while


async def prepare(folder: Path, name: str) -> None:
    """Lay an empty database into a folder, unless there is one."""
    path = folder / name
    if instead or path.exists():
        return
    if migrated:
        path.touch(mode=0o600)
        path.write_bytes(migrated[0])
        return
    async with Database.open(sqlite_url(path)) as database:
        await upgrade(database)
    migrated.append(path.read_bytes())


@cache
def stretched() -> str:
    """Stretching takes a tenth of a second; once is enough."""
    return secrets.stretched(PASSWORD)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: Any

    @property
    def data(self) -> Any:
        return self.body["data"]


@dataclass(frozen=True)
class Api:
    """The running API, its database, and ways to ask."""

    url: str
    app: web.Application
    settings: Settings
    http: aiohttp.ClientSession

    @property
    def database(self) -> Database:
        return self.app[SHARED].database

    @property
    def bus(self) -> Bus:
        return self.app[SHARED].bus

    @property
    def live(self) -> Live:
        return self.app[LIVE]

    async def ask(
        self, method: str, path: str, token: str = "", json: Any = None, **headers: str
    ) -> Answer:
        """Ask below /emotions/; `token` is an Authorization header's content."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        if token:
            sent["Authorization"] = token
        where = path if path.startswith("/") else f"/emotions/{path}"
        async with self.http.request(method, self.url + where, json=json, headers=sent) as answer:
            kind = answer.content_type
            body = await (answer.json() if kind == "application/json" else answer.text())
            return Answer(answer.status, body, answer.headers)

    async def get(self, path: str, token: str = "") -> Answer:
        return await self.ask("GET", path, token)

    async def post(self, path: str, json: Any, token: str = "", **headers: str) -> Answer:
        return await self.ask("POST", path, token, json, **headers)

    async def account(self, name: str, *, admin: bool = False) -> tuple[Account, str]:
        """Return a new account, and the token of a login of it."""
        book, keys = AccountBook(self.database), KeyRing(self.database)
        account = await book.add(NewUser(name, PASSWORD), stretched(), is_admin=admin)
        _, secret = await keys.begin(account.account, "login", 1.0)
        return account, f"Token {secret}"

    async def mirror(self, token: str, name: str = "Hall") -> str:
        """Enrol a mirror for whoever has a login; return its Authorization."""
        begun = (await self.post("api/mirrors/enrol/", {"name": name})).data
        linked = await self.post("api/mirrors/confirm/", {"code": begun["code"]}, token)
        assert linked.status == 201, linked.body
        claimed = (await self.post("api/mirrors/claim/", {"claim": begun["claim"]})).data
        return f"Mirror {claimed['credential']}"


@asynccontextmanager
async def served(folder: Path, url: str = "", **tables: dict[str, Any]) -> AsyncIterator[Api]:
    """Serve it with settings, such as `limits={"mirrors": 2}`."""
    if not url:
        await prepare(folder, "collective.sqlite3")
    given = {
        "server": {"port": 0},
        "database": {"url": url or url_in(folder, "collective.sqlite3")},
        **tables,
    }
    settings = msgspec.convert(given, Settings)
    async with (
        assembled(settings) as app,
        listening(app, settings.server) as address,
        aiohttp.ClientSession() as http,
    ):
        yield Api(address, app, settings, http)


def tally(
    session: str, start: int, mood: str = "joy", readings: int = 10, **more: Any
) -> dict[str, Any]:
    """Return a tally as a mirror sends it: all of its readings at full strength in one mood."""
    high = [10_000 if name == mood else 0 for name in MEASURES]
    extremes = [[value, start] for value in high]
    return {
        "kind": "tally",
        "session": session,
        "start": start,
        "readings": readings,
        "dominant": [readings if name == mood else 0 for name in MOODS],
        "expressions": [0] * len(WORDS),
        "sums": [value * readings for value in high],
        "squares": [value * value * readings for value in high],
        "lows": extremes,
        "highs": extremes,
        **more,
    }
