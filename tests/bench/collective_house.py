"""One process of the collective with accounts and mirrors, for what is measured."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from mirrord.collective.database import Database
from tests.collective_kit import MINUTE_MS, served, tally
from tests.collective_processes import WIDE, ApiProcess, api_processes

BEGAN_MS = int(time.time() * 1000)  # so that a minute that passes shifts nothing
MOODS = {"joy": 0.5, "calm": 0.25, "energy": 0.125, "melancholy": 0.0}


@dataclass(frozen=True)
class House:
    """A process, its database, and who may ask it."""

    process: ApiProcess
    database: Database
    http: aiohttp.ClientSession
    accounts: list[int]
    tokens: list[str]
    mirrors: list[str]

    async def ask(
        self, method: str, path: str, token: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        sent = {"Authorization": token, **headers}
        url = f"{self.process.url}/emotions/api/{path}"
        async with self.http.request(method, url, json=body, headers=sent) as answer:
            return answer.status, await answer.read()

    async def post(self, session: str, token: str, key: str = "") -> int:
        """Post a reading; return the status."""
        headers = {"Idempotency-Key": key} if key else {}
        body = {"session_id": session, **MOODS}
        return (await self.ask("POST", "readings/", token, body, **headers))[0]


@asynccontextmanager
async def house(
    folder: Path, url: str, bus: str = "", accounts: int = 8, mirrors: int = 4
) -> AsyncIterator[House]:
    """Run a process; accounts and mirrors are made by another one, which then ends."""
    async with served(folder, url, limits=WIDE) as api:
        made = [await api.account(f"bench{number}") for number in range(accounts)]
        tokens = [token for _, token in made]
        linked = [await api.mirror(tokens[number % accounts]) for number in range(mirrors)]
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        api_processes(folder, 1, url, bus) as (process,),
        Database.open(url, 2) as database,
        aiohttp.ClientSession(connector=connector) as http,
    ):
        numbers = [account.account for account, _ in made]
        yield House(process, database, http, numbers, tokens, linked)


def batch(session: str, first: int, count: int) -> dict[str, Any]:
    """Return a batch of `count` minutes that end `first` minutes ago."""
    end = BEGAN_MS // MINUTE_MS - first
    items = [tally(session, (end - one) * MINUTE_MS) for one in range(1, count + 1)]
    return {"version": 1, "sent_at": int(time.time() * 1000), "items": items}
