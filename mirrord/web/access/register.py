"""Becoming a user: the first with the one-time code, every other one through an owner."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Final

from aiohttp import web

from mirrord.accounts import Unacceptable, User
from mirrord.api.caller import NotAllowed
from mirrord.api.reply import success
from mirrord.api.validation import body_of, checked
from mirrord.web.access.forms import Register, user_shown
from mirrord.web.access.gate import DOORMAN
from mirrord.web.access.identity import address_of, identity_of
from mirrord.web.access.sign_in import (
    ACCOUNTS,
    ATTEMPTS,
    TooOften,
    begin_session,
    check_equal,
    count_attempt,
    refused,
    too_often,
    with_cookie,
)

log = logging.getLogger(__name__)
_CODE: Final = "the one-time code"


async def register(request: web.Request) -> web.StreamResponse:
    """Add a user: the first with the one-time code, every other one asked for by an owner."""
    form = _two_equal(checked(await body_of(request), Register))
    try:
        user = await _registered(request, form)
    except TooOften as error:
        return too_often(error)
    token = await begin_session(request, user, "login")
    return success("Registered.", {"token": token, "user": user_shown(user)}, 201)


async def welcome(request: web.Request) -> web.StreamResponse:
    """Add the first user from the page, and sign them in."""
    form = _two_equal(checked(await body_of(request), Register))
    try:
        user = await _first(request, form)
    except TooOften as error:
        return too_often(error)
    return await with_cookie(request, user, success("Welcome.", user_shown(user), 201))


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
    count_attempt(request, address, _CODE)
    user = await _acceptable(request.app[ACCOUNTS].add_owner(form.code, form.new_user()))
    request.app[ATTEMPTS].succeeded(address, _CODE)
    log.info("%s has become the mirror's owner", user.username)
    return user


async def _acceptable(adding: Awaitable[User]) -> User:
    try:
        user = await adding
    except Unacceptable as error:
        raise refused(error) from None
    return user


def _two_equal(form: Register) -> Register:
    check_equal(form.password, form.password_confirm)
    return form
