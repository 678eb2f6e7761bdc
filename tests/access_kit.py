"""A mirror's page with accounts, and people of every kind in front of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from mirrord.accounts import Accounts, NewUser
from mirrord.web import make_app, serve
from mirrord.web.access import access_part
from tests.fakes.mirror import FakeMirror

AUTH = "/emotions/auth/"
ANN = ("ann", "plum garden evening")
BEN = ("ben", "two quiet bicycles")
DAY_S = 86_400.0


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@dataclass
class Door:
    """The served page, its accounts, and clients without cookies between them."""

    address: str
    accounts: Accounts
    mirror: FakeMirror
    clock: Clock
    stack: AsyncExitStack

    async def client(self, **headers: str) -> aiohttp.ClientSession:
        """Return somebody with a browser of their own."""
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address, too
        session = aiohttp.ClientSession(self.address, headers=headers, cookie_jar=jar)
        return await self.stack.enter_async_context(session)

    async def signed_in(self, who: tuple[str, str]) -> aiohttp.ClientSession:
        """Return somebody who has signed in with a cookie."""
        client = await self.client()
        status, _ = await ask(client, "POST", f"{AUTH}session/", named(who))
        assert status == 200
        return client

    async def owner(self) -> aiohttp.ClientSession:
        """Make ann the owner, without a code; return her, signed in."""
        if not await self.accounts.has_owner():
            await self.accounts.add_user(NewUser(*ANN), "owner")
        return await self.signed_in(ANN)

    async def guest(self) -> aiohttp.ClientSession:
        """Make ben a guest; return him, signed in."""
        if await self.accounts.user("ben") is None:
            await self.accounts.add_user(NewUser(*BEN), "guest")
        return await self.signed_in(BEN)

    async def token(self, *scopes: str, days: float = 1.0) -> str:
        """Return a new API token of ann's."""
        ann = await self.accounts.user("ann")
        assert ann is not None
        _, secret = await self.accounts.add_token(ann, "test", scopes, days)
        return secret

    async def bearer(self, secret: str, scheme: str = "Token") -> aiohttp.ClientSession:
        return await self.client(Authorization=f"{scheme} {secret}")


def named(who: tuple[str, str]) -> dict[str, str]:
    return {"username": who[0], "password": who[1]}


async def ask(
    client: aiohttp.ClientSession, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    """Return the status and the decoded answer."""
    async with client.request(
        method, path, json=body, headers=headers, allow_redirects=False
    ) as response:
        is_json = response.content_type == "application/json"
        return response.status, await (response.json() if is_json else response.text())


@asynccontextmanager
async def opened_door(folder: Path, *, optional: bool = False) -> AsyncIterator[Door]:
    clock = Clock()
    mirror = FakeMirror()
    async with (
        Accounts.open(folder / "accounts.sqlite3", clock) as accounts,
        serve(make_app(mirror, access_part(accounts, optional=optional)), "127.0.0.1", 0) as url,
        AsyncExitStack() as stack,
    ):
        yield Door(url, accounts, mirror, clock, stack)
