"""Signing in and out: by the page with a cookie, by a program with the answer's token."""

from __future__ import annotations

import logging
import math
from typing import Any, Final

from aiohttp import web

from mirrord.accounts import Accounts, Unacceptable, User
from mirrord.accounts.records import SESSIONS, Kind
from mirrord.api.reply import Rejected, failure, success
from mirrord.api.validation import body_of, checked
from mirrord.credentials.forms import SignIn
from mirrord.credentials.names import folded
from mirrord.web.access.attempts import Attempts
from mirrord.web.access.forms import user_shown
from mirrord.web.access.gate import DOORMAN
from mirrord.web.access.identity import address_of, identity_of

log = logging.getLogger(__name__)

ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts", Accounts)
ATTEMPTS: web.AppKey[Attempts] = web.AppKey("attempts", Attempts)
COOKIE_S: Final = 365 * 86_400
CONSOLE: web.AppKey[str] = web.AppKey("console", str)


class TooOften(Exception):
    """Too many wrong passwords; `wait_s` until the next may be tried."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


async def me(request: web.Request) -> web.Response:
    """Answer who is looking and what they may do, so that pages hide the rest."""
    return success("Who you are.", await _me(request))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Begin a browser's session: the cookie is new, whatever was sent."""
    form = checked(await body_of(request), SignIn)
    try:
        user = await recognise(request, form.username, form.password)
    except TooOften as error:
        return too_often(error)
    return await with_cookie(request, user, success("Signed in.", user_shown(user)))


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session or login that asks, and take its cookie away."""
    identity, accounts = identity_of(request), request.app[ACCOUNTS]
    if identity.how == "api":
        raise Rejected("An API token is revoked under /account, not signed out.", 400)
    if identity.key is not None:
        await accounts.revoke(identity.key.id, None, SESSIONS)
    response = success("Signed out.", None)
    response.del_cookie(accounts.cookie, path="/", httponly=True, samesite="Strict")
    return response


async def login(request: web.Request) -> web.StreamResponse:
    """Begin a program's session and answer its token."""
    form = checked(await body_of(request), SignIn)
    try:
        user = await recognise(request, form.username, form.password)
    except TooOften as error:
        return too_often(error)
    token = await begin_session(request, user, "login")
    return success("Signed in.", {"token": token, "user": user_shown(user)})


async def recognise(request: web.Request, username: str, password: str) -> User:
    """Return the user of a name and password. Raises NotAllowed or TooOften.

    The sentence does not tell whether it is the name or the password that is wrong.
    """
    address, account = address_of(request), folded(username)
    count_attempt(request, address, account)
    user = await request.app[ACCOUNTS].sign_in(username, password)
    if user is None:
        raise Rejected("The name or the password is wrong.", 401)
    request.app[ATTEMPTS].succeeded(address, account)
    log.info("%s gave their password from %s", user.username, address)
    return user


async def with_cookie(
    request: web.Request, user: User, response: web.Response
) -> web.StreamResponse:
    """Begin a session in place of the one that asked, and set its cookie."""
    accounts, old = request.app[ACCOUNTS], identity_of(request).key
    if old is not None and old.kind == "cookie":
        await accounts.revoke(old.id, None, SESSIONS)
    secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
    response.set_cookie(
        accounts.cookie,
        await begin_session(request, user, "cookie"),
        max_age=COOKIE_S,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Strict",
    )
    return response


def too_often(error: TooOften) -> web.Response:
    """Return the refusal that says how long to wait."""
    seconds = math.ceil(error.wait_s)
    response = failure(429, f"Too many attempts; try again in {seconds} s.", {"wait_s": seconds})
    response.headers["Retry-After"] = str(seconds)
    return response


def count_attempt(request: web.Request, address: str, account: str) -> None:
    """Count an attempt before its outcome is known. Raises TooOften."""
    attempts = request.app[ATTEMPTS]
    wait_s = attempts.wait_s(address, account)
    if wait_s > 0:
        level = logging.WARNING if attempts.is_news(address) else logging.DEBUG
        log.log(level, "too many attempts to sign in from %s: it waits %.0f s", address, wait_s)
        raise TooOften(wait_s)
    attempts.begin(address, account)


async def begin_session(request: web.Request, user: User, kind: Kind) -> str:
    """Return the secret of a new session."""
    agent = request.headers.get("User-Agent", "")
    return await request.app[ACCOUNTS].begin_session(user, kind, request.remote or "", agent)


def refused(error: Unacceptable) -> Rejected:
    """Return the refusal of what cannot be, with the field that is wrong."""
    return Rejected(str(error), details={error.field: error.sentence})


def check_equal(password: str, again: str) -> None:
    """Raise Rejected unless a new password was typed the same twice."""
    if password != again:
        said = "is not the same as password"
        raise Rejected(f"password_confirm: {said}", details={"password_confirm": said})


async def _me(request: web.Request) -> dict[str, Any]:
    identity, doorman = identity_of(request), request.app[DOORMAN]
    caller = identity.caller
    scopes = [scope for scope in ("look", "read", "control") if scope in caller.scopes]
    return {
        "user": caller.user,
        "role": caller.role,
        "scopes": scopes,
        "how": identity.how,
        "has_owner": await doorman.has_owner(),
        "console": request.app[CONSOLE],
    }
