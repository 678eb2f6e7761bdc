"""What a client of the socket may say, and the answers to it."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

import msgspec
from aiohttp import web

from mirrord.api.asked import NewReading, SessionId, Share
from mirrord.api.caller import require
from mirrord.api.records import Records
from mirrord.api.reply import Rejected
from mirrord.api.validation import checked, object_in
from mirrord.runtime.settings import nearest

PONG: Final = '{"type":"pong"}'


class EmotionData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reading. Without a session it belongs to the socket's, or to one of the socket's own."""

    session_id: SessionId | None = None
    joy: Share
    calm: Share
    energy: Share
    melancholy: Share


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for a pong."""


_KINDS: Final[dict[str, type[EmotionData | Ping]]] = {"emotion_data": EmotionData, "ping": Ping}


class Conversation:
    """One client's messages, each checked as REST checks it."""

    def __init__(self, records: Records, request: web.Request, session_id: str | None) -> None:
        self._records = records
        self._request = request
        self._session_id = session_id

    async def answer(self, text: str) -> str | None:
        """Do as a message says and return the answer to it alone, if there is one.

        A reading is answered by its update, which everyone in the room hears. Raises MirrorError.
        """
        message = _message(object_in(text))
        if isinstance(message, Ping):
            return PONG
        await self._store(message)
        return None

    async def _store(self, data: EmotionData) -> None:
        caller = require(self._request, "control")
        session_id = data.session_id or self._session_id
        if session_id is None:
            session_id = self._session_id = str(uuid4())
        new = NewReading(session_id, data.joy, data.calm, data.energy, data.melancholy)
        await self._records.add_reading(caller, new)


def _message(said: dict[str, Any]) -> EmotionData | Ping:
    kind = said.pop("type", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        advice = nearest(kind, list(_KINDS)) if isinstance(kind, str) else ""
        raise Rejected(f"type: expected one of {', '.join(_KINDS)}{advice}")
    return checked(said, _KINDS[kind])


def error_message(sentence: str) -> str:
    """Return the message that something went wrong."""
    return msgspec.json.encode({"type": "error", "message": sentence}).decode()
