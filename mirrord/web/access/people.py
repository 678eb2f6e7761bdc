"""Users: each their own profile and password, and for an owner the list of them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from mirrord.accounts import Unacceptable, User
from mirrord.api.caller import NotAllowed
from mirrord.api.reply import Rejected, success
from mirrord.api.validation import body_of, checked
from mirrord.credentials.forms import NewPassword, Profile
from mirrord.web.access.forms import user_shown
from mirrord.web.access.identity import Identity, identity_of
from mirrord.web.access.sign_in import (
    ACCOUNTS,
    TooOften,
    check_equal,
    recognise,
    refused,
    too_often,
)

Counting = Callable[[str], Awaitable[tuple[int, int]]]
BEGUN_BY: web.AppKey[Counting] = web.AppKey("begun_by")
_NOBODY: Final = "Nobody has signed in: the mirror has no password yet."


async def nothing_begun(_user: str) -> tuple[int, int]:
    """Count where nothing is recorded."""
    return 0, 0


def user_of(request: web.Request) -> User:
    """Return the user who asks. Raises NotAllowed where the mirror is used without a password."""
    user = identity_of(request).user
    if user is None:
        raise NotAllowed(_NOBODY, known=True)
    return user


def signed_in(request: web.Request) -> Identity:
    """Return who asks if they gave a password, not an API token. Raises NotAllowed.

    A token that leaks must not be able to make itself a user or another token.
    """
    identity = identity_of(request)
    user_of(request)
    if identity.how not in ("cookie", "login"):
        raise NotAllowed("That takes a password: sign in instead of using a token.", known=True)
    return identity


def owner(request: web.Request) -> User:
    """Return the owner who asks. Raises NotAllowed."""
    identity = signed_in(request)
    user = user_of(request)
    if identity.caller.role != "owner":
        raise NotAllowed(f"{user.username} may not do that: it takes an owner.", known=True)
    return user


async def profile(request: web.Request) -> web.Response:
    """Answer who one is."""
    return success("Your profile.", await _profile(request, user_of(request)))


async def update_profile(request: web.Request) -> web.Response:
    """Change e-mail address or names."""
    user = signed_in(request).user or user_of(request)
    form = checked(await body_of(request), Profile)
    try:
        user = await request.app[ACCOUNTS].update(user, msgspec.to_builtins(form))
    except Unacceptable as error:
        raise refused(error) from None
    return success("Saved.", await _profile(request, user))


async def _profile(request: web.Request, user: User) -> dict[str, Any]:
    sessions, readings = await request.app[BEGUN_BY](user.username)
    return {**user_shown(user), "total_sessions": sessions, "total_readings": readings}


async def set_password(request: web.Request) -> web.StreamResponse:
    """Set a new password; every other session of theirs ends."""
    identity, user = signed_in(request), user_of(request)
    form = checked(await body_of(request), NewPassword)
    check_equal(form.password, form.password_confirm)
    try:
        await recognise(request, user.username, form.current)
        keep = identity.key.id if identity.key else ""
        await request.app[ACCOUNTS].set_password(user, form.password, keep)
    except TooOften as error:
        return too_often(error)
    except Unacceptable as error:
        raise refused(error) from None
    except Rejected:
        said = "is not your password"
        raise Rejected(f"current: {said}", details={"current": said}) from None
    return success("Your password is changed; every other session has ended.", None)


async def users(request: web.Request) -> web.Response:
    """List everybody who may sign in."""
    owner(request)
    found = await request.app[ACCOUNTS].users()
    return success("Who may use the mirror.", [user_shown(one) for one in found])


async def remove_user(request: web.Request) -> web.Response:
    """Remove a user with their sessions and tokens."""
    owner(request)
    username = request.match_info["username"]
    if await request.app[ACCOUNTS].user(username) is None:
        raise web.HTTPNotFound
    try:
        user = await request.app[ACCOUNTS].remove(username)
    except Unacceptable as error:
        raise refused(error) from None
    return success(f"{user.username} is removed.", None)
