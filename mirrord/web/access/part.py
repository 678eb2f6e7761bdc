"""The part of the page's application that knows who is who."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from aiohttp import web

from mirrord.accounts import Accounts
from mirrord.api.addresses import addresses
from mirrord.api.caller import caller_of
from mirrord.api.reply import Handler
from mirrord.runtime.beside import beside
from mirrord.web.access import keys, people, register, sign_in
from mirrord.web.access.attempts import Attempts
from mirrord.web.access.gate import DOORMAN, SOCKETS, gate, see_other
from mirrord.web.access.identity import Doorman
from mirrord.web.access.open_sockets import OpenSockets
from mirrord.web.access.rules import AUTH
from mirrord.web.access.sign_in import ACCOUNTS, ATTEMPTS, CONSOLE
from mirrord.web.pages import add_document
from mirrord.web.reply import FILES

_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "me/", sign_in.me),
    ("POST", "welcome/", register.welcome),
    ("POST", "register/", register.register),
    ("POST", "login/", sign_in.login),
    ("POST", "logout/", sign_in.sign_out),
    ("POST", "session/", sign_in.sign_in),
    ("DELETE", "session/", sign_in.sign_out),
    ("GET", "profile/", people.profile),
    ("PUT", "profile/update/", people.update_profile),
    ("POST", "password/", people.set_password),
    ("GET", "sessions/", keys.sessions),
    ("DELETE", "sessions/", keys.end_sessions),
    ("DELETE", "sessions/{id}/", keys.end_session),
    ("GET", "tokens/", keys.tokens),
    ("POST", "tokens/", keys.add_token),
    ("DELETE", "tokens/{id}/", keys.revoke_token),
    ("GET", "users/", people.users),
    ("DELETE", "users/{username}/", people.remove_user),
)


def access_part(
    accounts: Accounts,
    *,
    optional: bool,
    begun_by: people.Counting = people.nothing_begun,
    console: str = "mirrord {command} -c FILE",
) -> Callable[[web.Application], None]:
    """Return the part; add it before all others, so that its gate stands before theirs.

    `optional`: as long as there is no owner, whoever uses this computer itself needs no password.
    `begun_by`: counts the sessions of a user, and their readings. `console`: the line by which
    whoever has forgotten their password reaches this mirror on its computer.
    """

    def add(app: web.Application) -> None:
        doorman = Doorman(accounts, optional)
        app[ACCOUNTS] = accounts
        app[ATTEMPTS] = Attempts()
        app[people.BEGUN_BY] = begun_by
        app[CONSOLE] = console
        app[DOORMAN] = doorman
        app[SOCKETS] = OpenSockets(accounts, doorman)
        app.middlewares.append(gate)
        app.cleanup_ctx.append(_watch)
        for method, path, handler in _ROUTES:
            for address in addresses(AUTH + path):
                app.router.add_route(method, address, handler)
        app.router.add_get("/login", _login)
        app.router.add_get("/welcome", _welcome)
        add_document(app, "/account", "account")

    return add


async def _watch(app: web.Application) -> AsyncIterator[None]:
    async with beside(app[SOCKETS].watch(), "open sockets"):
        yield


async def _login(request: web.Request) -> web.StreamResponse:
    if not await request.app[DOORMAN].has_owner():
        return see_other("/welcome")
    return web.FileResponse(FILES["door.html"])


async def _welcome(request: web.Request) -> web.StreamResponse:
    """The first start: for whoever has the code, and later for whoever may control."""
    caller = caller_of(request)
    if not await request.app[DOORMAN].has_owner() or "control" in caller.scopes:
        return web.FileResponse(FILES["welcome.html"])
    return see_other("/login?next=%2Fwelcome" if caller.user is None else "/")
