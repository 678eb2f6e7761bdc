"""`mirrord collective demo`: the real collective, with mirrors that are simulated.

The mirrors enrol, are confirmed, join a space and send sums of every minute over the sync API, as
real ones do. Only the days before are invented: they are put into the database before it serves.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from sqlalchemy import insert

from mirrord.collective.app import SHARED
from mirrord.collective.bus import LocalBus
from mirrord.collective.database import Database, sqlite_url
from mirrord.collective.demo_moods import NAMES, sums_at, tally_at
from mirrord.collective.folding import GRACE_MS
from mirrord.collective.numbers import now_ms
from mirrord.collective.people.book import AccountBook
from mirrord.collective.publishing import Publisher
from mirrord.collective.schema import WORLD, contributions
from mirrord.collective.serve import assembled, listening, opened
from mirrord.collective.settings import Settings
from mirrord.collective.tally import DAY_MS, HOUR_MS, MINUTE_MS
from mirrord.errors import MirrorError
from mirrord.runtime.beside import beside
from mirrord.runtime.stopping import set_by_signals

log = logging.getLogger(__name__)
PAST_DAYS: Final = 7
OWNER: Final = "demo"


class Demo(msgspec.Struct, frozen=True):
    """Where it is, and an account to look around with."""

    url: str
    username: str
    password: str
    space: str


@asynccontextmanager
async def shown(port: int = 0, past_days: float = PAST_DAYS) -> AsyncIterator[Demo]:
    """Serve the demo until the context ends. Raises MirrorError."""
    with tempfile.TemporaryDirectory(prefix="mood-mirror-") as folder:
        settings = _settings(Path(folder), port)
        async with (
            assembled(settings) as app,
            listening(app, settings.server) as url,
            aiohttp.ClientSession(url) as http,
        ):
            database = app[SHARED].database
            owner, secret = await _begun(http, url, database)
            mirrors = [await _mirror(http, owner.space, secret, name) for name in NAMES]
            people = [int(credential.split(".")[1]) for credential in mirrors]
            await _invent(settings, [WORLD, int(owner.space)], people, past_days)
            async with beside(_send(http, mirrors), "simulated mirrors"):
                yield owner


async def run(port: int, ready: Callable[[Demo], None]) -> None:
    """Show the demo until it is stopped. Raises MirrorError."""
    stop = set_by_signals(asyncio.Event())
    async with shown(port) as demo:
        ready(demo)
        await stop.wait()


def _settings(folder: Path, port: int) -> Settings:
    given = {
        "server": {"port": port, "drain_s": 0.5},
        "database": {"url": sqlite_url(folder / "demo.sqlite3")},
        "privacy": {"window_s": 60},
        "limits": {"address_per_minute": 100_000},
    }
    return msgspec.convert(given, Settings)


async def _begun(http: aiohttp.ClientSession, url: str, database: Database) -> tuple[Demo, str]:
    """Make the demo's own account, an administrator, and its space; return an invitation to it."""
    token, password = await _register(http, OWNER)
    book = AccountBook(database)
    found = await book.find(OWNER)
    if found is not None:
        await book.set_admin(found[0].account, is_admin=True)
    gallery = {"name": "Gallery by the river", "kind": "gallery", "public": True}
    space = await _ask(http, "POST", "api/spaces/", token, gallery)
    often = {"uses": len(NAMES)}
    invite = await _ask(http, "POST", f"api/spaces/{space['id']}/invites/", token, often)
    return Demo(url, OWNER, password, space["id"]), invite["secret"]


async def _register(http: aiohttp.ClientSession, name: str) -> tuple[str, str]:
    """Return the token and the password of a new account."""
    password = secrets.token_urlsafe(12)
    form = {"username": name, "password": password, "password_confirm": password}
    return (await _ask(http, "POST", "auth/register/", "", form))["token"], password


async def _mirror(http: aiohttp.ClientSession, space: str, secret: str, name: str) -> str:
    """Return the credential of a new mirror of a new account, which counts in the space."""
    token, _ = await _register(http, name)
    begun = await _ask(http, "POST", "api/mirrors/enrol/", "", {"name": f"{name}’s mirror"})
    linked = await _ask(http, "POST", "api/mirrors/confirm/", token, {"code": begun["code"]})
    claimed = await _ask(http, "POST", "api/mirrors/claim/", "", {"claim": begun["claim"]})
    await _ask(http, "POST", "api/spaces/join/", token, {"secret": secret})
    place = f"api/spaces/{space}/mirrors/{linked['id']}/"
    await _ask(http, "PUT", place, token)
    return str(claimed["credential"])


async def _invent(settings: Settings, spaces: list[int], people: list[int], days: float) -> None:
    """Let there have been days: an hour each of the first, every twenty minutes of the last."""
    now = now_ms()
    last = (now - GRACE_MS - MINUTE_MS) // MINUTE_MS * MINUTE_MS
    starts = {last - place * 20 * MINUTE_MS for place in range(int(min(days, 1) * 72) + 1)}
    starts |= {last - place * HOUR_MS for place in range(int(days * 24))}
    rows = [
        {"space": space, "start": start, "account": account, **sums_at(start, place)}
        for space in spaces
        for start in starts
        for place, account in enumerate(people)
        if start >= now - days * DAY_MS
    ]
    async with opened(settings) as database:
        await database.write(lambda to: to.execute(insert(contributions), rows))
        await Publisher(database, LocalBus()).once()


async def _send(http: aiohttp.ClientSession, mirrors: list[str]) -> None:
    """Let each mirror send the minute that is over, again and again."""
    start = now_ms() // MINUTE_MS * MINUTE_MS - MINUTE_MS  # the last that is over
    while True:
        await asyncio.sleep(max(0.0, (start + MINUTE_MS - now_ms()) / 1000 + 0.5))
        for place, credential in enumerate(mirrors):
            batch = {"version": 1, "sent_at": now_ms(), "items": [tally_at(start, place)]}
            try:
                await _ask(http, "POST", "api/sync/", "", batch, f"Mirror {credential}")
            except (MirrorError, aiohttp.ClientError) as error:
                log.warning("a simulated mirror could not send: %s", error)
        start += MINUTE_MS


async def _ask(
    http: aiohttp.ClientSession,
    method: str,
    path: str,
    token: str,
    body: Any = None,
    bearer: str = "",
) -> Any:
    """Return the data of an answer. Raises MirrorError where it is a refusal."""
    bears = bearer or (f"Token {token}" if token else "")
    headers = {"Authorization": bears} if bears else {}
    async with http.request(method, f"/emotions/{path}", json=body, headers=headers) as answer:
        said = await answer.json()
    if not said["success"]:
        raise MirrorError(f"{path}: {said['message']}")
    return said["data"]
