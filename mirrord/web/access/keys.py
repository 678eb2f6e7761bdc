"""Sessions and tokens: which there are, and how they end."""

from __future__ import annotations

from aiohttp import web

from mirrord.accounts import Unacceptable
from mirrord.accounts.records import SESSIONS
from mirrord.api.reply import success
from mirrord.api.validation import body_of, checked
from mirrord.web.access.forms import NewToken, session_shown, token_shown
from mirrord.web.access.people import owner, signed_in, user_of
from mirrord.web.access.sign_in import ACCOUNTS, refused


async def sessions(request: web.Request) -> web.Response:
    """List one's own sessions, the newest first."""
    mine = signed_in(request).key
    found = await request.app[ACCOUNTS].keys(user_of(request).id, SESSIONS)
    shown = [session_shown(key, mine is not None and key.id == mine.id) for key in found]
    return success("Where you are signed in.", shown)


async def end_session(request: web.Request) -> web.Response:
    """End one of one's own sessions."""
    signed_in(request)
    user, name = user_of(request), request.match_info["id"]
    if not await request.app[ACCOUNTS].revoke(name, user.id, SESSIONS):
        raise web.HTTPNotFound
    return success("That session has ended.", None)


async def end_sessions(request: web.Request) -> web.Response:
    """End all of one's own sessions, this one too."""
    signed_in(request)
    accounts = request.app[ACCOUNTS]
    count = await accounts.revoke_all(user_of(request).id, SESSIONS)
    response = success("Signed out everywhere.", {"ended": count})
    response.del_cookie(accounts.cookie, path="/", httponly=True, samesite="Strict")
    return response


async def tokens(request: web.Request) -> web.Response:
    """List every token with its user's name."""
    owner(request)
    accounts = request.app[ACCOUNTS]
    names = {user.id: user.username for user in await accounts.users()}
    found = await accounts.keys(None, ("api",))
    return success("API tokens.", [token_shown(key, names.get(key.user, "")) for key in found])


async def add_token(request: web.Request) -> web.Response:
    """Make a token; its secret is answered this once."""
    user = owner(request)
    form = checked(await body_of(request), NewToken)
    try:
        key, secret = await request.app[ACCOUNTS].add_token(user, form.name, form.scopes, form.days)
    except Unacceptable as error:
        raise refused(error) from None
    shown = {**token_shown(key, user.username), "token": secret}
    return success("Copy the token now: it is not shown again.", shown, 201)


async def revoke_token(request: web.Request) -> web.Response:
    """Revoke any token."""
    owner(request)
    if not await request.app[ACCOUNTS].revoke(request.match_info["id"], None, ("api",)):
        raise web.HTTPNotFound
    return success("The token is revoked.", None)
