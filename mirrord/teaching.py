"""What people correct: kept by the store, and taken to heart by the engine."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from mirrord.correction import Correction, fit, fit_at
from mirrord.engine import Engine
from mirrord.errors import MirrorError, Unavailable
from mirrord.model import EXPRESSIONS, Expression
from mirrord.runtime import wall
from mirrord.store import Store

_log = logging.getLogger(__name__)


class NothingToCorrect(MirrorError):
    """No face was judged at that time."""


class Teaching:
    """Corrections of a running mirror. All methods raise Unavailable if the store does not answer.

    What counts is what the store holds: `reload` after anything else has changed it.
    """

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    async def begin(self) -> None:
        """Take up what was corrected before; without it, if the store does not answer."""
        try:
            await self.reload()
        except Unavailable as error:
            _log.warning("corrections do not count until the store answers: %s", error)

    async def reload(self) -> None:
        """Fit the offsets to the corrections that the store holds now."""
        self._engine.set_calibration(fit(await self._store.corrections()))

    async def all(self) -> list[Correction]:
        """Return every correction, the newest first; those that were undone, too."""
        return await self._store.corrections()

    async def correct_look(self, should_be: Expression, at: datetime | None = None) -> Correction:
        """Say what the face now, or at a time of the last minute, should have been called.

        Raises NothingToCorrect if none was judged then.
        """
        seen = self._engine.looks.at(at)
        if seen is None:
            raise NothingToCorrect("No face was judged at that time, within the last minute.")
        return await self._learn(seen, should_be)

    async def correct_reading(self, should_be: Expression, reading_id: UUID) -> Correction:
        """Say what a recorded reading should have been called. Raises NothingToCorrect."""
        moment = await self._store.moment_of(reading_id)
        if moment is None:
            raise NothingToCorrect(f"There is no reading {reading_id}.")
        found: dict[str, float] = {name: getattr(moment.reading, name) for name in EXPRESSIONS}
        if None in found.values():
            raise NothingToCorrect("That reading was made by hand; no face was judged.")
        then = fit_at(await self._store.corrections(), moment.reading.timestamp)
        return await self._learn(then.take_back(found), should_be)

    async def undo(self, correction_id: str) -> Correction | None:
        """Let a correction count no longer and return it; None if there is no such correction."""
        self._store.undo_correction(correction_id)
        await self._settle()
        found = await self._store.corrections()
        return next((one for one in found if one.id == correction_id), None)

    async def undo_all(self) -> int:
        """Let no correction count any longer; return how many that were."""
        before = [one for one in await self._store.corrections() if one.undone is None]
        self._store.undo_correction(None)
        await self._settle()
        return len(before)

    async def _learn(self, seen: Mapping[str, float], should_be: Expression) -> Correction:
        correction = Correction(str(uuid4()), wall.now(), seen, should_be)
        self._store.add_correction(correction)
        await self._settle()
        return correction

    async def _settle(self) -> None:
        await self._store.flush()
        await self.reload()
