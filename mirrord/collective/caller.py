"""Who asks the collective: somebody with an account, a mirror, or anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

from mirrord.api.caller import Caller, NotAllowed, Scope

How = Literal["cookie", "login", "api"]
SCOPES: Final[tuple[Scope, ...]] = ("look", "read", "control")


@dataclass(frozen=True, slots=True)
class Member(Caller):
    """Somebody who has signed in, and the key they did it with."""

    account: int
    how: How
    key: str  # the id of the session, login or token
    is_admin: bool
    contributes: bool
    retry: str = ""  # the request's Idempotency-Key: the same one stores nothing twice

    @property
    def username(self) -> str:
        return self.user or ""


@dataclass(frozen=True, slots=True)
class Mirror(Caller):
    """A mirror with its credential. It has no scope: only its own addresses are for it."""

    account: int
    mirror: int
    contributes: bool
    expires: int  # ms since 1970


ANYBODY: Final = Caller(None, "anonymous", frozenset({"look"}))
_MIRROR: Final = web.RequestKey("mirror", Mirror)


def member(caller: Caller) -> Member:
    """Return the caller as somebody with an account. Raises NotAllowed."""
    if isinstance(caller, Member):
        return caller
    raise NotAllowed("Sign in first.", known=False)


def set_mirror(request: web.Request, mirror: Mirror) -> None:
    """Remember which mirror asks, for this request."""
    request[_MIRROR] = mirror


def mirror_of(request: web.Request) -> Mirror:
    """Return the mirror that asks; the gate has let in none but one."""
    found: Mirror = request[_MIRROR]
    return found
