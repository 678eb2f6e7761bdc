"""What the resources ask of a store of records, and the records that they answer with.

The device answers from its own store, the collective from its database. Each is told who asks, and
answers with what belongs to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, Literal, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from mirrord.analytics import Bucket, Together, Whole
from mirrord.api.asked import NewReading, NewSession
from mirrord.api.caller import Caller
from mirrord.health import Health
from mirrord.model import AirQuality, AudioTone, Expression, MoodName, VisualPattern

T = TypeVar("T")
Time = Annotated[datetime, Meta(tz=True)]  # UTC


class Reading(msgspec.Struct, frozen=True):
    """A mood at one time. The last fields are None where it was given by hand."""

    id: UUID | None  # None in an update of the socket, until the reading is written
    session_id: str
    user: str | None
    joy: float
    calm: float
    energy: float
    melancholy: float
    timestamp: Time
    dominant_emotion: MoodName
    emotion_intensity: float
    expression: Expression | None
    confidence: float | None
    valence: float | None
    arousal: float | None


class EnvironmentResponse(msgspec.Struct, frozen=True):
    """How the room answered one reading: Hz, 0..1, degrees Celsius, per cent."""

    reading: UUID
    session_id: str
    lighting_color: str
    lighting_intensity: float
    background_color: str
    audio_tone: AudioTone
    audio_frequency: float
    audio_volume: float
    visual_pattern: VisualPattern
    particle_count: int
    animation_speed: float
    temperature: float
    humidity: float
    air_quality: AirQuality | None  # as a sensor measured it; None without one
    created_at: Time


class ReadingMade(Reading, frozen=True, kw_only=True):
    """A reading as it was stored, with the response to it."""

    environment_response: EnvironmentResponse


class Session(msgspec.Struct, frozen=True):
    """A stay in front of the mirror. The averages are None until it has a reading."""

    session_id: str
    user: str | None
    start_time: Time
    last_activity: Time
    is_active: bool
    total_readings: int
    average_joy: float | None
    average_calm: float | None
    average_energy: float | None
    average_melancholy: float | None
    device_type: str
    browser: str | None
    location_country: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which readings: of one session or all, from `since` up to but without `until`.

    Of buckets, `together` says which may come as one: beginning when the first of them does.
    """

    session_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    together: Together | None = None


class Totals(msgspec.Struct, frozen=True):
    """How much there is."""

    readings: int
    responses: int
    sessions: int
    active_sessions: int
    readings_last_hour: int
    responses_last_hour: int
    first_reading: Time | None
    problem: str  # why writing is paused; empty when all is well
    health: Health = Health()  # of whatever keeps these records


Width = Literal["minute", "quarter", "half", "hour"]


@dataclass(frozen=True, slots=True)
class Window:
    """Which stretch of a list, newest first: `size` records after the first `skip`, or those that
    come before (older) or after (newer) the record with a number."""

    size: int
    skip: int = 0
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A stretch of a list, newest first; `numbers` has the number of each record, for cursors."""

    count: int  # in the whole list
    records: Sequence[T]
    numbers: Sequence[int]


class Records(Protocol):
    """A store of records. Every method raises Unavailable if it cannot answer now, and NotAllowed
    if the caller may not; what is not there, or not theirs, is None."""

    async def readings(self, caller: Caller, chosen: Chosen, window: Window) -> Found[Reading]: ...
    async def reading(self, caller: Caller, reading_id: UUID) -> Reading | None: ...
    async def add_reading(self, caller: Caller, new: NewReading) -> ReadingMade:
        """Store a reading and the response to it. It is stored if and only if this returns."""

    async def responses(
        self, caller: Caller, chosen: Chosen, window: Window
    ) -> Found[EnvironmentResponse]: ...
    async def sessions(
        self, caller: Caller, active: bool | None, window: Window
    ) -> Found[Session]: ...
    async def session(self, caller: Caller, session_id: str) -> Session | None: ...
    async def add_session(self, caller: Caller, new: NewSession) -> Session | None:
        """Store a session; None if there is one with its id. Stored if and only if it returns."""

    async def end_session(self, caller: Caller, session_id: str) -> Session | None: ...
    async def buckets(self, caller: Caller, width: Width, chosen: Chosen) -> Sequence[Bucket]:
        """Return what the parts of hours, or the hours, that begin within the span add up to."""

    async def whole(self, caller: Caller, session_id: str) -> Whole | None: ...
    async def totals(self, caller: Caller) -> Totals: ...
