"""The socket at /ws/emotions/: readings as they are taken, and a way to send them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from msgspec import UNSET, UnsetType

from mirrord.api.asked import SessionId
from mirrord.api.caller import require
from mirrord.api.records import Records
from mirrord.api.reply import Rejected
from mirrord.api.rooms import Listener, Rooms
from mirrord.api.said import Conversation, error_message
from mirrord.api.validation import checked, query_of
from mirrord.errors import MirrorError

log = logging.getLogger(__name__)
MAX_CLIENTS: Final = 1200
MAX_MESSAGE: Final = 4096
SEND_S: Final = 2.0  # a client that does not read for so long is let go
PING_S: Final = 20.0


class Listening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which session's room; without one, the readings of all."""

    session_id: SessionId | UnsetType = UNSET


@dataclass(slots=True)
class Socket:
    """The socket of an application. Foreign Origins are for the application's guard to refuse."""

    records: Records
    rooms: Rooms
    most: int = MAX_CLIENTS
    _open: set[web.WebSocketResponse] = field(default_factory=set)

    def mount(self, app: web.Application) -> None:
        """Add the routes, and the goodbye when the application ends."""
        for path in ("/ws/emotions", "/ws/emotions/{session_id}"):
            for end in ("", "/"):
                app.router.add_get(path + end, self.serve)
        app.on_shutdown.append(self._say_goodbye)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it leaves or stops reading."""
        require(request, "read")
        asked = {**query_of(request), **request.match_info}
        named = checked(asked, Listening, words=True).session_id
        session_id = None if named is UNSET else named
        socket = self._socket(request)
        self._open.add(socket)
        try:
            await socket.prepare(request)
            await self._talk(request, socket, session_id)
        finally:
            self._open.discard(socket)
        return socket

    def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._open) >= self.most:
            raise Rejected(f"{self.most} clients are listening already.", 503)
        socket = web.WebSocketResponse(
            heartbeat=PING_S, timeout=1.0, max_msg_size=MAX_MESSAGE, compress=False
        )
        if not socket.can_prepare(request).ok:
            raise Rejected("This address speaks WebSocket; connect to it as one.", 426)
        return socket

    async def _talk(
        self, request: web.Request, socket: web.WebSocketResponse, session_id: str | None
    ) -> None:
        listener = Listener(session_id)
        conversation = Conversation(self.records, request, session_id)
        self.rooms.enter(listener)
        pusher = asyncio.create_task(_push(request, socket, listener), name="emotions")
        try:
            async for message in socket:
                text = message.data if message.type is WSMsgType.TEXT else None
                if answer := await _answer(conversation, text):
                    listener.tell(answer)
        finally:
            self.rooms.leave(listener)
            pusher.cancel()
            await asyncio.gather(pusher, return_exceptions=True)

    async def _say_goodbye(self, _app: web.Application) -> None:
        goodbyes = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._open]
        await asyncio.gather(*goodbyes, return_exceptions=True)


async def _answer(conversation: Conversation, text: str | None) -> str | None:
    if text is None:
        return error_message("Send JSON as text, not as bytes.")
    try:
        return await conversation.answer(text)
    except MirrorError as error:
        return error_message(str(error))
    except Exception:
        log.exception("a message on the socket failed")
        return error_message("The mirror could not answer; its log says why.")


async def _push(request: web.Request, socket: web.WebSocketResponse, listener: Listener) -> None:
    try:
        while True:
            text = await listener.next()
            async with asyncio.timeout(SEND_S):
                await socket.send_str(text)
    except (ConnectionError, TimeoutError):
        pass  # it left, or it does not read
    # A close frame would queue behind what is not read; the client connects again by itself.
    if request.transport is not None:
        request.transport.abort()
