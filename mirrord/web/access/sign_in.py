"""Signing in and out: by the page with a cookie, by a program with the answer's token."""

from __future__ import annotations

import logging
import math
from typing import Any, Final

from aiohttp import web

from mirrord.accounts import Accounts, Unacceptable, User
from mirrord.accounts.names import folded
from mirrord.accounts.records import SESSIONS, Kind
from mirrord.api.caller import NotAllowed
from mirrord.api.reply import Rejected, failure, success
from mirrord.api.validation import body_of, checked
from mirrord.web.access.attempts import Attempts
from mirrord.web.access.forms import Register, SignIn, user_shown
from mirrord.web.access.gate import DOORMAN
from mirrord.web.access.identity import address_of, identity_of

log = logging.getLogger(__name__)

ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts", Accounts)
ATTEMPTS: web.AppKey[Attempts] = web.AppKey("attempts", Attempts)
COOKIE_S: Final = 365 * 86_400
_CODE: Final = "the one-time code"


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
    token = await _begin(request, user, "login")
    return success("Signed in.", {"token": token, "user": user_shown(user)})


async def register(request: web.Request) -> web.StreamResponse:
    """Add a user: the first with the one-time code, every other one asked for by an owner."""
    form = _two_equal(checked(await body_of(request), Register))
    try:
        user = await _registered(request, form)
    except TooOften as error:
        return too_often(error)
    token = await _begin(request, user, "login")
    return success("Registered.", {"token": token, "user": user_shown(user)}, 201)


async def welcome(request: web.Request) -> web.StreamResponse:
    """Add the first user from the page, and sign them in."""
    form = _two_equal(checked(await body_of(request), Register))
    try:
        user = await _first(request, form)
    except TooOften as error:
        return too_often(error)
    return await with_cookie(request, user, success("Welcome.", user_shown(user), 201))


async def recognise(request: web.Request, username: str, password: str) -> User:
    """Return the user of a name and password. Raises NotAllowed or TooOften.

    The sentence does not tell whether it is the name or the password that is wrong.
    """
    address, account = address_of(request), folded(username)
    _count(request, address, account)
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
        await _begin(request, user, "cookie"),
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


async def _registered(request: web.Request, form: Register) -> User:
    if not await request.app[DOORMAN].has_owner():
        return await _first(request, form)
    identity = identity_of(request)
    if identity.how not in ("cookie", "login") or identity.caller.role != "owner":
        raise NotAllowed(
            "Only an owner who has signed in may add users.", known=identity.user is not None
        )
    return await _acceptable(request.app[ACCOUNTS].add_user(form.new_user(), form.role))


async def _first(request: web.Request, form: Register) -> User:
    address = address_of(request)
    _count(request, address, _CODE)
    user = await _acceptable(request.app[ACCOUNTS].add_owner(form.code, form.new_user()))
    request.app[ATTEMPTS].succeeded(address, _CODE)
    log.info("%s has become the mirror's owner", user.username)
    return user


def _count(request: web.Request, address: str, account: str) -> None:
    attempts = request.app[ATTEMPTS]
    wait_s = attempts.wait_s(address, account)
    if wait_s > 0:
        level = logging.WARNING if attempts.is_news(address) else logging.DEBUG
        log.log(level, "too many attempts to sign in from %s: it waits %.0f s", address, wait_s)
        raise TooOften(wait_s)
    attempts.begin(address, account)


async def _begin(request: web.Request, user: User, kind: Kind) -> str:
    agent = request.headers.get("User-Agent", "")
    return await request.app[ACCOUNTS].begin_session(user, kind, request.remote or "", agent)


async def _acceptable(adding: Any) -> User:
    try:
        user: User = await adding
    except Unacceptable as error:
        raise refused(error) from None
    return user


def refused(error: Unacceptable) -> Rejected:
    """Return the refusal of what cannot be, with the field that is wrong."""
    return Rejected(str(error), details={error.field: error.sentence})


def _two_equal(form: Register) -> Register:
    check_equal(form.password, form.password_confirm)
    return form


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
    }
