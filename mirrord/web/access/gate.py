"""Every request passes here: who asks, whether they may, and where they go if they may not."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote

import msgspec
from aiohttp import web

from mirrord.api.caller import NotAllowed, Scope, caller_of, require, set_caller
from mirrord.api.reply import Handler, success
from mirrord.errors import MirrorError
from mirrord.web.access.identity import UNKNOWN, Doorman, Identity, identity_of, set_identity
from mirrord.web.access.open_sockets import OpenSockets
from mirrord.web.access.rules import is_document, rule_of
from mirrord.web.reply import FILES

BODY_S: Final = 10.0
SIGN_IN_AGAIN: Final = (
    4401  # a browser tells a page why a socket closed, but no status of a refusal
)

DOORMAN: web.AppKey[Doorman] = web.AppKey("doorman", Doorman)
SOCKETS: web.AppKey[OpenSockets] = web.AppKey("open_sockets", OpenSockets)


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who may come in."""
    needed = rule_of(request)
    identity = await _identify(request, needed)
    set_identity(request, identity)
    set_caller(request, identity.caller)
    try:
        if needed is not None and not await _is_camera_off(request, needed):
            require(request, needed)
        return await _let_in(request, handler, identity)
    except NotAllowed as error:
        return await _turned_away(request, error)


async def _identify(request: web.Request, needed: Scope | None) -> Identity:
    """Even if the accounts do not answer, the camera goes off and the way in is shown."""
    try:
        return await request.app[DOORMAN].identify(request)
    except MirrorError:
        if needed is None or request.path == "/control":
            return UNKNOWN
        raise


async def _let_in(request: web.Request, handler: Handler, identity: Identity) -> web.StreamResponse:
    if request.headers.get("Upgrade", "").lower() == "websocket":
        with request.app[SOCKETS].watching(request, identity):
            return await handler(request)
    response = await handler(request)
    if request.path == "/control" and "look" not in caller_of(request).scopes:
        return _only_that(response)
    return response


def _only_that(response: web.StreamResponse) -> web.StreamResponse:
    """Who has not signed in is not told how the room is set."""
    return success("The camera is off.", {"camera": False}) if response.status == 200 else response


async def _is_camera_off(request: web.Request, needed: Scope) -> bool:
    """Tell whether the camera is switched off, and nothing else is asked: anybody may do that."""
    if request.path != "/control" or needed in caller_of(request).scopes:
        return False
    if request.method != "POST" or request.content_type != "application/json":
        return False
    try:
        async with asyncio.timeout(BODY_S):
            asked = msgspec.json.decode(await request.read())
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (msgspec.DecodeError, UnicodeError, RecursionError, ConnectionError):
        return False
    return isinstance(asked, dict) and asked.keys() == {"camera"} and asked["camera"] is False


async def _turned_away(request: web.Request, error: NotAllowed) -> web.StreamResponse:
    first = identity_of(request).how == "nobody" and not await request.app[DOORMAN].has_owner()
    if is_document(request):
        if first and request.path == "/mirror":  # a screen on the wall, without a keyboard
            return web.FileResponse(FILES["hello.html"])
        return see_other(_way_in(request, error, first))
    if _is_page_socket(request):
        return await _closed(request, error)
    if first:
        raise NotAllowed("The mirror has no password yet: open /welcome to set one.", known=False)
    if "Authorization" in request.headers and not error.known:
        raise NotAllowed("This token is unknown, has expired or was revoked.", known=False)
    raise error


def see_other(path: str) -> web.Response:
    """Send a browser to another page."""
    return web.Response(status=303, headers={"Location": path})


def _way_in(request: web.Request, error: NotAllowed, first: bool) -> str:
    if error.known:
        return "/account?refused=1"
    return "/welcome" if first else f"/login?next={quote(request.path_qs, safe='')}"


def _is_page_socket(request: web.Request) -> bool:
    upgrades = request.headers.get("Upgrade", "").lower() == "websocket"
    return upgrades and "Origin" in request.headers


async def _closed(request: web.Request, error: NotAllowed) -> web.StreamResponse:
    socket = web.WebSocketResponse(timeout=1.0, max_msg_size=1024)
    await socket.prepare(request)
    await socket.close(code=4403 if error.known else SIGN_IN_AGAIN)
    return socket
