"""`POST /emotions/api/forget/`: asked once it says what goes, asked again it deletes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import msgspec
from aiohttp import web

from mirrord.api.asked import SessionId
from mirrord.api.caller import Caller
from mirrord.api.mount import mount
from mirrord.api.reply import Rejected
from mirrord.api.resource import Resource
from mirrord.errors import Unavailable
from mirrord.export.forget import chosen, sentence
from mirrord.runtime.worker import Worker
from mirrord.store import Store
from mirrord.store.forget import Forgotten
from mirrord.store.forgetting import Going, going
from mirrord.store.queries import Chosen

CONFIRM_S: Final = 120.0
_MOST: Final = 16
_LOOK_S: Final = 60.0

Moment = Annotated[str, msgspec.Meta(min_length=1, max_length=40, description="a time")]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="a confirmation")]


class ForgetAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be forgotten, or the confirmation of it."""

    all: bool = False
    session_id: SessionId | None = None
    since: Moment | None = None
    until: Moment | None = None
    confirm: Token | None = None


class ForgetAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would go, and how to say yes to that within some seconds; or what went."""

    deleted: bool
    going: Going | None = None
    sentence: str | None = None
    confirm: str | None = None
    expires_in_s: float | None = None
    readings: int | None = None
    responses: int | None = None
    sessions: int | None = None


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


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The two steps of a deletion from the store at `path`."""

    store: Store
    path: Path
    forget: Callable[[Chosen], Awaitable[Forgotten]]
    confirmations: Confirmations = field(default_factory=Confirmations)


async def announce_or_delete(
    mirror: Forgetting, caller: Caller, asked: ForgetAsked
) -> ForgetAnswer:
    """Say what would go; or, with the confirmation of it, delete that."""
    if asked.confirm is None:
        return await _announced(mirror, asked, caller.user)
    if asked != ForgetAsked(confirm=asked.confirm):
        raise Rejected("confirm: send it alone; it stands for what was announced")
    confirmed = mirror.confirmations.take(asked.confirm, caller.user)
    if confirmed is None:
        raise Rejected("confirm: is unknown or too old; ask again what would go", 409)
    went = await mirror.forget(confirmed)
    return ForgetAnswer(True, None, None, None, None, went.readings, went.responses, went.sessions)


async def _announced(mirror: Forgetting, asked: ForgetAsked, user: str | None) -> ForgetAnswer:
    what = chosen(asked.all, asked.session_id, asked.since, asked.until)
    with suppress(Unavailable):  # what cannot be written is dropped from memory all the same
        await mirror.store.flush()
    async with Worker("forget") as worker:
        found = await worker.call(_LOOK_S, going, mirror.path, what)
    token = mirror.confirmations.add(user, what)
    return ForgetAnswer(False, found, sentence(found), token, CONFIRM_S)


FORGET: Final = (
    Resource(
        "POST",
        "api/forget/",
        "control",
        "What would go, with the confirmation to send back; or, that sent, what went.",
        ForgetAsked,
        ForgetAnswer,
        announce_or_delete,
        conflicts=True,
    ),
)


def forgets(
    store: Store, path: Path, forget: Callable[[Chosen], Awaitable[Forgotten]]
) -> Callable[[web.Application], None]:
    """Return the part that announces what would go from the store at `path`, and lets it go."""
    return lambda app: mount(app, FORGET, Forgetting(store, path, forget))
