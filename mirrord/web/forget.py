"""`POST /emotions/api/forget/`: asked once it says what goes, asked again it deletes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
from aiohttp import web

from mirrord.api.asked import SessionId
from mirrord.api.caller import require
from mirrord.api.reply import Rejected, success
from mirrord.api.validation import body_of, checked
from mirrord.errors import Unavailable
from mirrord.export.forget import chosen, sentence
from mirrord.runtime.worker import Worker
from mirrord.store import Store
from mirrord.store.forget import Forgotten
from mirrord.store.forgetting import Going, going
from mirrord.store.queries import Chosen

ADDRESS: Final = "/emotions/api/forget/"
CONFIRM_S: Final = 120.0
_MOST: Final = 16
_LOOK_S: Final = 60.0

Moment = Annotated[str, msgspec.Meta(min_length=1, max_length=40, description="a time")]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="a confirmation")]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be forgotten, or the confirmation of it."""

    all: bool = False
    session_id: SessionId | None = None
    since: Moment | None = None
    until: Moment | None = None
    confirm: Token | None = None


class Announced(msgspec.Struct, frozen=True):
    """What would go, and how to say yes."""

    going: Going
    sentence: str
    confirm: str
    expires_in_s: float


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A deletion that was announced."""

    user: str | None
    what: Chosen
    until_s: float


class Confirmations:
    """Announced deletions: each can be confirmed once, by who asked, within two minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, _Waiting] = {}

    def add(self, user: str | None, what: Chosen) -> str:
        """Remember what was announced to whom, and return the token for it."""
        while len(self._waiting) >= _MOST:
            del self._waiting[next(iter(self._waiting))]
        token = secrets.token_urlsafe(24)
        self._waiting[token] = _Waiting(user, what, self._clock() + CONFIRM_S)
        return token

    def take(self, token: str, user: str | None) -> Chosen | None:
        """Return what the token stands for, once; None if it is unknown, old or another's."""
        found = self._waiting.get(token)
        if found is None or found.user != user:
            return None
        del self._waiting[token]
        return found.what if self._clock() <= found.until_s else None


def forgets(
    store: Store, path: Path, forget: Callable[[Chosen], Awaitable[Forgotten]]
) -> Callable[[web.Application], None]:
    """Return the part that announces what would go from the store at `path`, and lets it go."""
    return _Forgets(store, path, forget).add


class _Forgets:
    """The two steps of a deletion."""

    def __init__(
        self, store: Store, path: Path, forget: Callable[[Chosen], Awaitable[Forgotten]]
    ) -> None:
        self._store = store
        self._path = path
        self._forget = forget
        self._confirmations = Confirmations()

    def add(self, app: web.Application) -> None:
        for address in (ADDRESS, ADDRESS.rstrip("/")):
            app.router.add_post(address, self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        caller = require(request, "control")
        asked = checked(await body_of(request), Asked)
        if asked.confirm is None:
            announced = await self._announced(asked, caller.user)
            return success("Nothing is deleted yet: send the confirmation to delete.", announced)
        if asked != Asked(confirm=asked.confirm):
            raise Rejected("confirm: send it alone; it stands for what was announced")
        confirmed = self._confirmations.take(asked.confirm, caller.user)
        if confirmed is None:
            raise Rejected("confirm: is unknown or too old; ask again what would go", 409)
        return success("Deleted for good.", await self._forget(confirmed))

    async def _announced(self, asked: Asked, user: str | None) -> Announced:
        what = chosen(asked.all, asked.session_id, asked.since, asked.until)
        with suppress(Unavailable):  # what cannot be written is dropped from memory all the same
            await self._store.flush()
        async with Worker("forget") as worker:
            found = await worker.call(_LOOK_S, going, self._path, what)
        token = self._confirmations.add(user, what)
        return Announced(found, sentence(found), token, CONFIRM_S)
