"""Who listens to which session, and what each has still to be told."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

import msgspec

from mirrord.api.records import Reading

# What a client has not been sent yet; beyond it the oldest gives way, so the newest always comes.
_WAITING: Final = 16


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
    """The listeners, by room. Used from one event loop."""

    def __init__(self) -> None:
        self._rooms: dict[str | None, set[Listener]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._rooms.values()))

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
