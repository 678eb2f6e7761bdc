"""The live socket: the newest state to everyone who looks, at most about ten times a second."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import msgspec
from aiohttp import WSCloseCode, web

from mirrord.web.mirror import MIRROR, Mirror
from mirrord.web.reply import failure
from mirrord.web.viewer import state_for

log = logging.getLogger(__name__)
LOOKERS: web.AppKey[set[web.WebSocketResponse]] = web.AppKey("lookers", set)

MAX_LOOKERS = 64
PAUSE_S = 0.1  # between two states to one client: it gets the newest, not each
REPEAT_S = 5.0  # a still mirror repeats its state, so that silence means a lost one
SEND_S = 2.0  # a client that does not read for so long is let go
PING_S = 20.0


async def live(request: web.Request) -> web.StreamResponse:
    """Send the state when it changes, until the client leaves or stops reading."""
    lookers = request.app[LOOKERS]
    if len(lookers) >= MAX_LOOKERS:
        return failure(503, f"{MAX_LOOKERS} pages are looking already; close one of them.")
    socket = web.WebSocketResponse(heartbeat=PING_S, timeout=1.0, max_msg_size=4096, compress=False)
    await socket.prepare(request)
    lookers.add(socket)
    pusher = asyncio.create_task(_push(request, socket), name="live")
    try:
        async for _ in socket:
            pass  # nothing is asked here; reading is what notices that a client has left
    finally:
        lookers.discard(socket)
        pusher.cancel()
        await asyncio.gather(pusher, return_exceptions=True)
    return socket


async def _push(request: web.Request, socket: web.WebSocketResponse) -> None:
    mirror = request.app[MIRROR]
    try:
        while True:
            state = state_for(request)
            async with asyncio.timeout(SEND_S):
                await socket.send_str(msgspec.json.encode(state).decode())
            await asyncio.sleep(PAUSE_S)
            await _changed(mirror, state["rev"])
    except (ConnectionError, TimeoutError):
        pass  # it left, or it does not read
    except Exception:
        log.exception("the live page could not be told")
    # A close frame would queue behind what is not read; the page connects again by itself.
    if request.transport is not None:
        request.transport.abort()


async def _changed(mirror: Mirror, after: int) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(REPEAT_S):
            await mirror.wait_change(after)


async def say_goodbye(app: web.Application) -> None:
    """Close every socket, all at once."""
    lookers = app[LOOKERS]
    goodbyes = [looker.close(code=WSCloseCode.GOING_AWAY) for looker in lookers]
    await asyncio.gather(*goodbyes, return_exceptions=True)
