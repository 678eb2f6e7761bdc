"""The store as the rest of the mirror sees it: give it things to keep, ask it questions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from mirrord.correction import Correction
from mirrord.errors import Unavailable
from mirrord.model import Environment, ModeName, MoodName, Reading
from mirrord.runtime import wall
from mirrord.runtime.worker import Worker
from mirrord.store.answers import Answers
from mirrord.store.codec import row_of, to_ms
from mirrord.store.corrections import CorrectionMade, CorrectionUndone
from mirrord.store.dating import DATED, Dating
from mirrord.store.entries import (
    CameraLogged,
    Entry,
    ReadingTaken,
    SessionEnded,
    SessionStarted,
    SettingSaved,
)
from mirrord.store.flusher import Flusher
from mirrord.store.forget import Forgotten
from mirrord.store.keeper import Keeper
from mirrord.store.limits import Limits
from mirrord.store.moments import ModeChosen
from mirrord.store.queries import Chosen
from mirrord.store.records import StoreStatus

_FLUSH_S: Final = 10.0


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return wall.now()


class Store(Answers):
    """What the mirror remembers. Made by `Store.open`; used from the event loop it was opened in.

    Giving never blocks and never fails for the disk's sake: what cannot be written waits in memory,
    up to 10,000 readings, and `status` says so. Times must have a zone (ValueError otherwise).
    Answers contain what has been written, so a reading shows up to `flush_s` after it was taken.
    """

    def __init__(
        self, path: Path, flusher: Flusher, reader: Worker, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(path, reader, clock)
        self._flusher = flusher
        self._settings: dict[str, str] = {}
        self._dating = DATED
        self._told: list[Callable[[str, Reading], None]] = []

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        flush_s: float = 5.0,
        keep_days: float = 365.0,
        max_mb: float = 500.0,
        clock: Callable[[], datetime] = utc_now,
        outbox_mb: float = 8.0,
        dating: Dating = DATED,
    ) -> AsyncIterator[Self]:
        """Open or make the file; write what is left and close it on leaving.

        Sessions that a crash left open are closed. Raises ConfigError if the path cannot be used or
        the file is another program's or a newer mirror's.
        """
        limits = Limits(keep_days, max_mb, outbox_mb)
        keeper = Keeper(path, limits, clock, dating=dating)
        async with Worker("store") as writer, Worker("store reader") as reader:
            flusher = Flusher(writer, keeper, flush_s)
            store = cls(path, flusher, reader, clock)
            store._dating = dating
            store._settings.update(await flusher.begin())
            running = asyncio.create_task(flusher.run(), name="store")
            try:
                yield store
            finally:
                await store._end_asking()
                await flusher.finish(running)

    def change(
        self, flush_s: float, keep_days: float, max_mb: float, outbox_mb: float = 8.0
    ) -> None:
        """Go on with other limits, from the next write on."""
        self._flusher.change(flush_s, Limits(keep_days, max_mb, outbox_mb))

    @property
    def status(self) -> StoreStatus:
        return self._flusher.status

    @property
    def flushes(self) -> int:
        """How many batches were written since the start."""
        return self._flusher.flushes

    @property
    def stuck(self) -> str:
        """Why nothing will be written any more, as it seems; or nothing."""
        return self._flusher.stuck

    @property
    def forgotten_ms(self) -> int:
        """When a person last had something deleted, here or by `mirrord forget`; ms since 1970."""
        return self._flusher.forgotten_ms

    def start_session(self, session_id: str, at: datetime, device_type: str = "mirror") -> None:
        """Begin a session, or go on with one; `session_id` has 1 to 100 characters."""
        begins = SessionStarted(_checked(session_id), to_ms(at), device_type)
        self._flusher.add(replace(begins, since_boot=self._dating.undated_ms()))

    def end_session(self, session_id: str, at: datetime) -> None:
        """End a session; one that is not known is left alone."""
        self._flusher.add(SessionEnded(session_id, to_ms(at), self._dating.undated_ms()))

    def add_reading(
        self, session_id: str, reading: Reading, environment: Environment | None = None
    ) -> None:
        """Keep a reading and the room's response to it. An unknown session begins with it.

        Raises ValueError for a number that is not finite.
        """
        row = row_of(reading, environment, self._clock())
        taken = ReadingTaken(_checked(session_id), row, since_boot=self._dating.undated_ms())
        self._flusher.add(taken)
        for tell in self._told:
            tell(session_id, reading)

    def on_reading(self, tell: Callable[[str, Reading], None]) -> None:
        """Have `tell` called with every session's id and reading that is given from now on."""
        self._told.append(tell)

    def log_camera(self, state: str, at: datetime | None = None) -> None:
        """Note that the camera's state changed, now or at a given time."""
        self._flusher.add(CameraLogged(state, to_ms(at or self._clock())))

    def add_correction(self, correction: Correction) -> None:
        """Keep what somebody said should have been seen."""
        self._flusher.add(CorrectionMade(correction))

    def undo_correction(self, correction_id: str | None) -> None:
        """Let one correction, or all (None), count no longer."""
        self._flusher.add(CorrectionUndone(correction_id, to_ms(self._clock())))

    def log_mode(self, mode: ModeName, goal: MoodName, by_hand: bool) -> None:
        """Note what the room does from now on."""
        self._flusher.add(ModeChosen(to_ms(self._clock()), mode, goal, by_hand))

    def set_setting(self, key: str, value: Any) -> asyncio.Future[Unavailable | None]:
        """Keep a value that JSON can hold, at once and for good.

        It holds as soon as this returns. Awaiting the result waits until it is on the disk, safe
        from a power cut, or returns why it is not there yet.
        """
        text = msgspec.json.encode(value).decode()
        if self._settings.get(key) != text:
            self._settings[key] = text
            self._flusher.add(SettingSaved(key, text))
        return self._flusher.soon()

    async def get_setting(self, key: str) -> Any:
        """Return the value last set, or None."""
        text = self._settings.get(key)
        return None if text is None else msgspec.json.decode(text)

    async def flush(self) -> None:
        """Write everything that is pending. Raises Unavailable if it cannot be written now."""
        try:
            async with asyncio.timeout(_FLUSH_S):
                outcome = await self._flusher.soon()
        except TimeoutError:
            raise Unavailable(f"{self._path}: not written within {_FLUSH_S:g} s") from None
        if outcome is not None:
            raise outcome

    async def forget(self, chosen: Chosen) -> Forgotten:
        """Delete all, a span or a session for good: from the file, its log and damaged copies.

        `Chosen()` is everything but the settings. Writing waits meanwhile. Raises Unavailable.
        """
        await self.flush()
        return await self._flusher.forget(chosen)

    async def put(self, entry: Entry) -> None:
        """Write an entry at once, behind what is pending.

        It is on the disk if and only if this returns. Raises Unavailable, or Refused if the
        database does not take it.
        """
        await self.flush()
        await self._flusher.put(entry)


def _checked(session_id: str) -> str:
    if not 1 <= len(session_id) <= 100:
        raise ValueError(f"a session's id has 1 to 100 characters, not {len(session_id)}")
    return session_id
