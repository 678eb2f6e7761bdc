"""Asking the collective as the ledger demands: noted before, and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol, TypeVar

import msgspec
from sqlite_utils import Database

from mirrord.errors import Unavailable
from mirrord.runtime import wall
from mirrord.runtime.outward import HEAD_BYTES
from mirrord.store.entries import Entry
from mirrord.store.ledger import Kind, SendingBegins, SendingEnded
from mirrord.sync.client import Collective, Heard
from mirrord.sync.link import Link
from mirrord.whereabouts import place_of

T = TypeVar("T")
API: Final = "/emotions/api/"
MIRRORS: Final = f"{API}mirrors/"
SELF: Final = f"{MIRRORS}self/"


class Books(Protocol):
    """The database, as the store gives it (`mirrord.store.Store`); both raise Unavailable."""

    async def put(self, entry: Entry) -> None:
        """Write an entry; once this returns it is on the disk."""

    async def ask(self, question: Callable[[Database], T]) -> T:
        """Return the answer to a question."""


def wall_ms() -> int:
    """Return the time in ms since 1970."""
    return int(wall.now().timestamp() * 1000)


class Post:
    """Asks collectives; whatever leaves is in the ledger."""

    def __init__(
        self,
        books: Books,
        ca_file: Callable[[], str] = str,
        timeout_s: float = 30.0,
        now_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._books = books
        self._ca_file = ca_file
        self._timeout_s = timeout_s
        self.now_ms = now_ms

    async def ask(
        self,
        kind: Kind,
        url: str,
        method: str,
        path: str,
        body: object = None,
        credential: str = "",
    ) -> Heard:
        """Send a request and return what came of it. Raises Unavailable if it cannot be noted."""
        begins = self.begins(kind, url, body)
        await self._books.put(begins)
        heard = await self.send(url, method, path, body, credential)
        with suppress(Unavailable):  # then it stays noted with what it took at most
            await self._books.put(ended(begins, heard))
        return heard

    def begins(self, kind: Kind, url: str, body: object = None) -> SendingBegins:
        """Return the note that a request is about to be sent."""
        most = HEAD_BYTES + (0 if body is None else len(msgspec.json.encode(body)))
        return SendingBegins(self.now_ms(), place_of(url), kind, most)

    async def send(
        self, url: str, method: str, path: str, body: object = None, credential: str = ""
    ) -> Heard:
        """Send a request that has been noted already."""
        collective = Collective(url, self._ca_file(), self._timeout_s)
        return await collective.ask(method, path, body, credential)

    async def signed(
        self, kind: Kind, link: Link, method: str, path: str, body: object = None
    ) -> tuple[Heard, str]:
        """Ask with the newest credential, then with the one before; say which it was."""
        heard, used = Heard(401, "The mirror has no credential."), ""
        for used in link.credentials:
            heard = await self.ask(kind, link.url, method, path, body, used)
            if heard.status != 401:
                break
        return heard, used


def ended(begins: SendingBegins, heard: Heard) -> SendingEnded:
    """Return the note that a request was sent."""
    outcome = str(heard.status) if heard.status else "no answer"
    return SendingEnded(begins.number, heard.sent, outcome)
