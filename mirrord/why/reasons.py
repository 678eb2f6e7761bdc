"""Answers "why is it blue?" for a running mirror: now, and for what was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mirrord.colour_word import colour_word
from mirrord.comfort import comfort_band
from mirrord.correction import fit_at
from mirrord.engine import Engine
from mirrord.model import DriverStatus, Environment, Measured
from mirrord.modes import answers
from mirrord.runtime import wall
from mirrord.store import Store
from mirrord.store.moments import Moment
from mirrord.why.chain import (
    PARTS,
    Done,
    Given,
    Reason,
    Seen,
    Smoothing,
    Why,
    felt,
    offsets_of,
    reason_of,
    rules_used,
)
from mirrord.why.hindsight import recalled
from mirrord.why.limits_met import limits_met


class Room(Protocol):
    """Who brings wishes to the devices."""

    @property
    def status(self) -> Sequence[DriverStatus]: ...
    @property
    def given(self) -> Mapping[str, Environment | None]: ...
    def measured(self) -> Measured: ...


class Reasons:
    """The chain from the expression to the devices.

    Questions about the past raise Unavailable if the store does not answer.
    """

    def __init__(self, engine: Engine, room: Room, store: Store) -> None:
        self._engine = engine
        self._room = room
        self._store = store

    def reason(self) -> Reason:
        """Return why the room is as it is now, in one word."""
        engine, controls = self._engine, self._engine.controls
        if not answers(engine.aim.mode):
            return "still"
        if not controls.room:
            return "paused"
        if not controls.camera and controls.hand is None:
            return "camera_off"
        by_hand = controls.hand is not None
        return reason_of(engine.seen_mood, engine.aim, engine.guide, by_hand=by_hand)

    def now(self) -> Why:
        """Return the chain as it is now."""
        engine = self._engine
        given, config = engine.environment, engine.config
        measured = self._room.measured()
        return Why(
            at=wall.now(),
            live=True,
            reason=self.reason(),
            color=given.lighting_color,
            colour=colour_word(given.lighting_color),
            expression=self._seen_now(),
            seen=felt(engine.seen_mood.affect) if engine.seen_mood.present else None,
            smoothing=self._smoothing(held=not self._judged()),
            done=Done(
                engine.aim.mode,
                engine.aim.goal,
                engine.controls.hand is not None,
                engine.guide,
                felt(engine.mood.affect),
            ),
            rules=rules_used(engine.wished, given),
            limits=limits_met(
                engine.wished, given, engine.controls.limits(config.room), _band(measured)
            ),
            drivers=[self._given(status) for status in self._room.status],
        )

    async def of_reading(self, reading_id: UUID) -> Why | None:
        """Return the chain of a recorded reading; None if there is no such reading."""
        return await self._past(await self._store.moment_of(reading_id))

    async def at(self, at: datetime) -> Why | None:
        """Return the chain of the last reading up to a time, at most ten minutes before it."""
        return await self._past(await self._store.moment_at(at))

    def _judged(self) -> bool:
        frame = self._engine.frame
        return frame is not None and any(
            face.expressions is not None and face.expression != "unsure" for face in frame.faces
        )

    def _seen_now(self) -> Seen | None:
        engine = self._engine
        mood, calibration = engine.seen_mood, engine.calibration
        if not mood.present:
            return None
        faces = engine.frame.faces if engine.frame else ()
        look = engine.looks.at() if calibration.corrections else None
        return Seen(
            mood.expression,
            mood.confidence,
            engine.expressions,
            look,
            calibration.corrections,
            offsets_of(calibration) if calibration.corrections else None,
            faces[0].quality if faces else None,
            mood.people,
        )

    def _smoothing(self, *, held: bool) -> Smoothing:
        mood = self._engine.config.mood
        return Smoothing(mood.smoothing_s, mood.dwell_s, mood.table, held)

    def _given(self, status: DriverStatus) -> Given:
        wish = self._room.given.get(status.name)
        parts = [part for one in status.devices for part in PARTS.get(one.kind, ())]
        values = None if wish is None else {part: getattr(wish, part) for part in parts}
        if wish is not None and not wish.present:
            values = {"present": False}
        return Given(
            status.name, status.title, status.state, status.error, status.applied_at, values
        )

    async def _past(self, moment: Moment | None) -> Why | None:
        if moment is None:
            return None
        config = self._engine.config
        then = fit_at(await self._store.corrections(), moment.reading.timestamp)
        return recalled(moment, then, config.room.comfort_c, self._smoothing(held=False))


def _band(measured: Measured) -> tuple[float, float]:
    """Return the band (°C) that the governor keeps to, at the humidity that is measured."""
    known = measured.humidity_pct
    return comfort_band(50 if known is None else round(min(90.0, max(10.0, known))))
