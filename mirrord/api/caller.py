"""Who asks. A middleware of the app that mounts the resources sets it; the resources check it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

from mirrord.errors import MirrorError

Scope = Literal["look", "read", "control"]
"""look: the mood now. read: what was recorded. control: change anything."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a request, None if nobody has signed in, and what they may do."""

    user: str | None
    role: str
    scopes: frozenset[Scope]


NOBODY: Final = Caller(None, "anonymous", frozenset())
_KEY: Final = web.RequestKey("caller", Caller)


class NotAllowed(MirrorError):
    """The caller may not do that; `known` says whether they have signed in (403, else 401)."""

    def __init__(self, sentence: str, known: bool) -> None:
        super().__init__(sentence)
        self.known = known


def set_caller(request: web.Request, caller: Caller) -> None:
    """Remember who asks, for this request."""
    request[_KEY] = caller


def caller_of(request: web.Request) -> Caller:
    """Return who asks; nobody, if no middleware has said."""
    caller: Caller = request.get(_KEY, NOBODY)
    return caller


def require(request: web.Request, scope: Scope) -> Caller:
    """Return the caller. Raises NotAllowed if they lack the scope."""
    caller = caller_of(request)
    must_have(caller, scope)
    return caller


def must_have(caller: Caller, scope: Scope) -> None:
    """Raise NotAllowed if the caller lacks the scope."""
    if scope in caller.scopes:
        return
    if caller.user is None:
        raise NotAllowed("Sign in first.", known=False)
    raise NotAllowed(f"{caller.user} may not do that: it takes the right '{scope}'.", known=True)
