"""What the store can be asked, each question over a connection of its own that cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from sqlite_utils import Database

from mirrord.analytics.aggregate import Aggregate, Bucket
from mirrord.analytics.sessions import Whole
from mirrord.analytics.zones import Together
from mirrord.correction import Correction
from mirrord.errors import Unavailable
from mirrord.runtime.worker import Worker
from mirrord.store import queries
from mirrord.store.asker import Asker
from mirrord.store.corrections import corrections
from mirrord.store.counts import Totals, What, count, totals
from mirrord.store.failures import explain
from mirrord.store.forget import Forgotten, forgettable
from mirrord.store.merged import buckets
from mirrord.store.moments import Moment, moment_at, moment_of
from mirrord.store.queries import Chosen
from mirrord.store.records import CameraRecord, ReadingRecord, ResponseRecord, SessionRecord
from mirrord.store.sums import Width, whole

T = TypeVar("T")
_READ_S: Final = 10.0  # a question that takes longer is broken off


class Answers:
    """Questions to the file. Each raises Unavailable if it does not answer within 10 s.

    Answers contain what has been written.
    """

    def __init__(self, path: Path, reader: Worker, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._reader = reader
        self._asker = Asker(path, _READ_S)
        self._clock = clock

    async def readings(
        self,
        session_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> list[ReadingRecord]:
        """Return readings from `since` up to but without `until`, the newest first."""
        return await self._ask(
            lambda database: queries.readings(database, Chosen(session_id, since, until), limit)
        )

    async def responses(
        self,
        session_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> list[ResponseRecord]:
        """Return environment responses, chosen and ordered as `readings` are."""
        return await self._ask(
            lambda database: queries.responses(database, Chosen(session_id, since, until), limit)
        )

    async def sessions(self, active: bool | None = None, limit: int = 50) -> list[SessionRecord]:
        """Return sessions, the newest first: the open, the closed, or all."""
        return await self._ask(lambda database: queries.sessions(database, active, limit))

    async def begun_by(self, user: str) -> tuple[int, int]:
        """Return how many sessions a user began, and how many readings those have."""
        return await self._ask(lambda database: queries.begun_by(database, user))

    async def minutes(
        self, since: datetime, until: datetime, session_id: str | None = None
    ) -> list[Aggregate]:
        """Return what the minutes that begin within the span add up to, by session, in order."""
        chosen = Chosen(session_id, since, until)
        return await self._ask(lambda database: queries.aggregates(database, "minutes", chosen))

    async def hours(
        self, since: datetime, until: datetime, session_id: str | None = None
    ) -> list[Aggregate]:
        """Return the same as `minutes`, by the hour (UTC)."""
        chosen = Chosen(session_id, since, until)
        return await self._ask(lambda database: queries.aggregates(database, "hours", chosen))

    async def buckets(
        self,
        width: Width,
        since: datetime,
        until: datetime,
        session_id: str | None = None,
        together: Together | None = None,
    ) -> list[Bucket]:
        """Return the hours (UTC), or parts of them, that begin within the span.

        All sessions together, the oldest first; those without readings are left out. What is
        `together` comes as one, in no order.
        """
        chosen = Chosen(session_id, since, until)
        return await self._ask(lambda database: buckets(database, width, chosen, together))

    async def whole(self, session_id: str) -> Whole | None:
        """Return all of a session that its figures are made of; None if it is not known."""
        return await self._ask(lambda database: whole(database, session_id))

    async def totals(self) -> Totals:
        """Return how many readings, responses and sessions there are, and in the last hour."""
        now = self._clock()
        return await self._ask(lambda database: totals(database, now))

    async def count(self, what: What, chosen: Chosen) -> int:
        """Return how many readings or responses there are, without a scan."""
        return await self._ask(lambda database: count(database, what, chosen))

    async def forgettable(self, chosen: Chosen) -> Forgotten:
        """Return what `forget` would delete, as far as it is written."""
        return await self._ask(lambda database: forgettable(database, chosen))

    async def camera_log(self, limit: int = 50) -> list[CameraRecord]:
        """Return the camera's changes, the newest first."""
        return await self._ask(lambda database: queries.camera_log(database, limit))

    async def corrections(self) -> list[Correction]:
        """Return all corrections, the newest first; those that were undone, too."""
        return await self._ask(corrections)

    async def moment_of(self, reading_id: UUID) -> Moment | None:
        """Return a reading, the response to it and the mode then; None if there is none."""
        return await self._ask(lambda database: moment_of(database, reading_id))

    async def moment_at(self, at: datetime) -> Moment | None:
        """Return the same of the last reading up to a time, at most ten minutes before it."""
        return await self._ask(lambda database: moment_at(database, at))

    async def ask(self, question: Callable[[Database], T]) -> T:
        """Return the answer to a question of this package, asked of what has been written."""
        return await self._ask(question)

    async def _end_asking(self) -> None:
        """Let go of the file: whoever closes it last tidies its log away."""
        with suppress(Unavailable):
            await self._reader.call(_READ_S, self._asker.close)

    async def _ask(self, question: Callable[[Database], T]) -> T:
        return await self._reader.call(_READ_S + 10.0, self._answer, question)

    def _answer(self, question: Callable[[Database], T]) -> T:
        try:
            return self._asker.ask(question)
        except sqlite3.Error as error:
            raise Unavailable(explain(self._path, error)) from None
