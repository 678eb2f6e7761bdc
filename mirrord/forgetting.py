"""Forgetting in a running mirror: from the file, and from what the mirror knows of it by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from mirrord.engine import Engine
from mirrord.errors import Unavailable
from mirrord.runtime import wall
from mirrord.store import Store
from mirrord.store.forget import Forgotten
from mirrord.store.queries import Chosen
from mirrord.teaching import Teaching

WATCH_S: Final = 2.0


class Forgetting:
    """Deletes what was recorded, for whoever asks: the page, a button, the smart home."""

    def __init__(self, store: Store, engine: Engine, teaching: Teaching) -> None:
        self._store = store
        self._engine = engine
        self._teaching = teaching

    async def forget(self, what: Chosen) -> Forgotten:
        """Delete for good. Raises Unavailable.

        A session that is open and concerned ends: if somebody is still there, another one begins
        with the next look. What forgotten corrections taught is forgotten with them.
        """
        if self._concerns_open_session(what):
            self._engine.close()
        gone = await self._store.forget(what)
        await self._teaching.reload()
        return gone

    async def watch(self) -> None:
        """Notice for ever what `mirrord forget` deletes beside us, and follow it."""
        known = self._store.forgotten_ms
        while True:
            await asyncio.sleep(WATCH_S)
            if self._store.forgotten_ms != known:
                with suppress(Unavailable):  # then once more
                    await self._teaching.reload()
                    known = self._store.forgotten_ms

    def _concerns_open_session(self, what: Chosen) -> bool:
        current = self._engine.sessions.current
        if current is None or what.session_id not in (None, current.id):
            return False
        begun, now = current.started, wall.now()
        return (what.until or now) > begun and (what.since or begun) <= now
