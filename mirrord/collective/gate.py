"""Every request passes here: who asks, how much they may ask, and whether they may ask that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, cast
from urllib.parse import quote, urlsplit

from aiohttp import web

from mirrord.api.caller import Caller, NotAllowed, Scope, require, set_caller
from mirrord.api.reply import Handler
from mirrord.collective.bus import Bus
from mirrord.collective.caller import Member, Mirror, set_mirror
from mirrord.collective.cors import is_named
from mirrord.collective.doors import SPACE_ROLES, Rule, SpaceRole, rule_of
from mirrord.collective.identity import Doorman, address_of
from mirrord.collective.limits import TooOften, take, too_often
from mirrord.collective.settings import LimitSettings

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_FOR_SOME: Final[Mapping[Rule, str]] = {
    "mirror": "That is for mirrors alone.",
    "account": "Sign in with your password for that; no token may do it.",
    "admin": "That is for administrators who have signed in with their password.",
}


class SpaceKeeper(Protocol):
    """Says what somebody is in a space."""

    async def enter(self, caller: Caller, space: str, role: SpaceRole) -> None:
        """Raise NotAllowed or Rejected (404) unless the caller has at least this role there."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the middleware needs to know."""

    doorman: Doorman
    bus: Bus
    spaces: SpaceKeeper
    limits: LimitSettings


GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who may come in."""
    gate, rule = request.app[GATE], rule_of(request)
    try:
        await take(gate.bus, f"address:{address_of(request)}", gate.limits.address_per_minute)
        caller = await gate.doorman.identify(request)
        if caller is None:
            raise NotAllowed("This token is unknown, has expired or was revoked.", known=False)
        set_caller(request, caller)
        await _count(gate, caller)
        _check_origin(request, caller, rule)
        if rule is not None:
            await _check(request, gate, caller, rule)
        return await handler(request)
    except TooOften as error:
        return too_often(error)
    except NotAllowed as error:
        if is_document(request) and not error.known:
            return see_other(f"/login?next={quote(request.path_qs, safe='')}")
        raise


async def _count(gate: Gate, caller: Caller) -> None:
    if isinstance(caller, Member):
        await take(gate.bus, f"account:{caller.account}", gate.limits.account_per_minute)
    elif isinstance(caller, Mirror):
        await take(gate.bus, f"mirror:{caller.mirror}", gate.limits.mirror_per_minute)


async def _check(request: web.Request, gate: Gate, caller: Caller, rule: Rule) -> None:
    """Raise NotAllowed or Rejected unless the rule lets the caller in."""
    if rule in SPACE_ROLES:
        await gate.spaces.enter(caller, request.match_info["space"], rule)
    elif rule == "mirror" and isinstance(caller, Mirror):
        set_mirror(request, caller)
    elif rule in _FOR_SOME:
        if not _fits(rule, caller):
            raise NotAllowed(_FOR_SOME[rule], known=caller.user is not None)
    elif rule != "public":
        require(request, cast(Scope, rule))


def _fits(rule: Rule, caller: Caller) -> bool:
    """Tell whether somebody has signed in with their password, and is an administrator if asked."""
    if rule == "mirror" or not isinstance(caller, Member) or caller.how == "api":
        return False
    return rule == "account" or caller.is_admin


def _check_origin(request: web.Request, caller: Caller, rule: Rule | None) -> None:
    """Refuse what another site's page makes a signed-in browser ask."""
    is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method in _SAFE and not is_socket:
        return
    by_cookie = isinstance(caller, Member) and caller.how == "cookie"
    if not by_cookie and is_named(request):
        return
    if (by_cookie or rule == "public" or is_socket) and not is_same_origin(request):
        raise NotAllowed("Only the collective's own pages may do that.", known=True)


def is_same_origin(request: web.Request) -> bool:
    """Tell whether our own page asks. A program that is no browser sends neither header."""
    if "Authorization" in request.headers and "Cookie" not in request.headers:
        return True  # a browser sends a foreign page's token only after asking (CORS)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def is_document(request: web.Request) -> bool:
    """Tell whether a person opens a page, who is shown the way in instead of a refusal."""
    if request.method != "GET" or request.path.startswith("/emotions/"):
        return False
    return "text/html" in request.headers.get("Accept", "")


def see_other(path: str) -> web.Response:
    """Send a browser to another page."""
    return web.Response(status=303, headers={"Location": path})


def unavailable_soon(response: web.StreamResponse) -> None:
    """Tell a client that was refused for now when to come back."""
    if response.status == 503:
        response.headers.setdefault("Retry-After", "5")
