"""The socket at /ws/emotions/: readings as they are taken, and a way to send them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from mirrord.api.addresses import addresses
from mirrord.api.records import Records
from mirrord.api.reply import Rejected
from mirrord.api.said import Conversation, error_message
from mirrord.api.validation import checked, query_of
from mirrord.errors import MirrorError

log = logging.getLogger(__name__)
MAX_CLIENTS: Final = 1200
MAX_MESSAGE: Final = 4096
SEND_S: Final = 2.0  # a client that does not read for so long is let go
PING_S: Final = 20.0
PATHS: Final = ("/ws/emotions/", "/ws/emotions/{session_id}/")


class Line(Protocol):
    """What one client is told; `session_id` is where its readings go if it names no other."""

    session_id: str | None

    def tell(self, text: str) -> None:
        """Queue the answer to a message of the client's. Never blocks."""

    async def next(self) -> str:
        """Return what the client is told next, once there is something."""


class Lines(Protocol):
    """Makes lines. The device's are its `Rooms`, the collective's follow its database."""

    @property
    def asked(self) -> type[msgspec.Struct]:
        """What an address may ask."""

    def line(self, request: web.Request, asked: Any) -> AbstractAsyncContextManager[Line]:
        """Return a client's line, held while it is there. Raises NotAllowed and Rejected."""

    async def before_answer(self, request: web.Request) -> None:
        """Look again whether the client may speak. Raises MirrorError."""

    def lost(self) -> None:
        """Note that a client did not read and was let go."""


Closing = Callable[[Iterable[web.WebSocketResponse]], Awaitable[None]]


async def close_all(sockets: Iterable[web.WebSocketResponse]) -> None:
    """Say goodbye to everybody at once."""
    goodbyes = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in sockets]
    await asyncio.gather(*goodbyes, return_exceptions=True)


@dataclass(slots=True)
class Socket:
    """The socket of an application. Foreign Origins are for the application's guard to refuse."""

    records: Records
    lines: Lines
    most: int = MAX_CLIENTS
    close: Closing = close_all
    _open: set[web.WebSocketResponse] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._open)

    def mount(self, app: web.Application) -> None:
        """Add the routes, and the goodbye when the application ends."""
        for path in PATHS:
            for address in addresses(path):
                app.router.add_get(address, self.serve)
        app.on_shutdown.append(self.say_goodbye)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it leaves or stops reading."""
        named = {**query_of(request), **request.match_info}
        asked = checked(named, self.lines.asked, words=True)
        async with self.lines.line(request, asked) as line:
            socket = self._socket(request)
            self._open.add(socket)
            try:
                await socket.prepare(request)
                await self._talk(request, socket, line)
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

    async def _talk(self, request: web.Request, socket: web.WebSocketResponse, line: Line) -> None:
        conversation = Conversation(self.records, request, line.session_id)
        pusher = asyncio.create_task(self._push(request, socket, line), name="emotions")
        try:
            async for message in socket:
                text = message.data if message.type is WSMsgType.TEXT else None
                if answer := await self._answer(request, conversation, text):
                    line.tell(answer)
        finally:
            pusher.cancel()
            await asyncio.gather(pusher, return_exceptions=True)

    async def _answer(
        self, request: web.Request, conversation: Conversation, text: str | None
    ) -> str | None:
        try:
            await self.lines.before_answer(request)
            if text is None:
                return error_message("Send JSON as text, not as bytes.")
            return await conversation.answer(text)
        except MirrorError as error:
            return error_message(str(error))
        except Exception:
            log.exception("a message on the socket failed")
            return error_message("The mirror could not answer; its log says why.")

    async def _push(self, request: web.Request, socket: web.WebSocketResponse, line: Line) -> None:
        try:
            while True:
                text = await line.next()
                async with asyncio.timeout(SEND_S):
                    await socket.send_str(text)
        except TimeoutError:
            self.lines.lost()  # it does not read
        except ConnectionError:
            pass  # it left
        except Exception:
            log.exception("a client of the socket could not be told")
        # A close frame would queue behind what is not read; the client connects again by itself.
        if request.transport is not None:
            request.transport.abort()

    async def say_goodbye(self, _app: web.Application) -> None:
        await self.close(list(self._open))
