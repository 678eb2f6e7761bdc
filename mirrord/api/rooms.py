"""Who listens to which session, and what each has still to be told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from mirrord.api.asked import SessionId
from mirrord.api.caller import require
from mirrord.api.records import Reading

# What a client has not been sent yet; beyond it the oldest gives way, so the newest always comes.
_WAITING: Final = 16


class Listening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which session's room; without one, the readings of all."""

    session_id: SessionId | UnsetType = UNSET


class Listener:
    """A client of the socket; `session_id` is its room, None listens to all of them."""

    def __init__(self, session_id: str | None) -> None:
        self.session_id = session_id
        self._waiting: deque[str] = deque(maxlen=_WAITING)
        self._wake = asyncio.Event()

    def tell(self, text: str) -> None:
        """Queue a message; never blocks."""
        self._waiting.append(text)
        self._wake.set()

    async def next(self) -> str:
        """Return the next message once there is one."""
        while not self._waiting:
            self._wake.clear()
            await self._wake.wait()
        return self._waiting.popleft()


class Rooms:
    """The listeners, by room; the socket's lines (`mirrord.api.socket.Lines`). On one loop."""

    asked = Listening

    def __init__(self) -> None:
        self._rooms: dict[str | None, set[Listener]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._rooms.values()))

    @asynccontextmanager
    async def line(self, request: web.Request, asked: Any) -> AsyncIterator[Listener]:
        """Listen as the request asks. Raises NotAllowed."""
        require(request, "read")
        listener = Listener(None if asked.session_id is UNSET else asked.session_id)
        self.enter(listener)
        try:
            yield listener
        finally:
            self.leave(listener)

    async def before_answer(self, request: web.Request) -> None:
        """Whoever was let in may speak; what they may do is checked with each message."""

    def lost(self) -> None:
        """A client did not read: it comes back by itself."""

    def enter(self, listener: Listener) -> None:
        self._rooms.setdefault(listener.session_id, set()).add(listener)

    def leave(self, listener: Listener) -> None:
        room = self._rooms.get(listener.session_id, set())
        room.discard(listener)
        if not room:
            self._rooms.pop(listener.session_id, None)

    def listens(self, session_id: str) -> bool:
        """Return whether anybody would hear of this session."""
        return session_id in self._rooms or None in self._rooms

    def publish(self, reading: Reading) -> None:
        """Tell a reading to its session's room, and to those who listen to all. Never blocks."""
        if not self.listens(reading.session_id):
            return
        update = {"type": "emotion_update", "data": reading}
        text = msgspec.json.encode(update).decode()
        for room in (reading.session_id, None):
            for listener in self._rooms.get(room, ()):
                listener.tell(text)
