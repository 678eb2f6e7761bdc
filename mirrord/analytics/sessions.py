"""One session in figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from mirrord.analytics.aggregate import MEASURES, Aggregate, bucket_of
from mirrord.analytics.course import Course
from mirrord.analytics.distribution import Distribution, distribution
from mirrord.model import MOODS


class Whole(msgspec.Struct, frozen=True):
    """All of a session that its figures are made of. The last two are None without readings."""

    session_id: str
    started: datetime  # UTC
    ended: datetime  # of the last activity so far, UTC
    is_active: bool
    sums: Aggregate | None = None
    course: Course | None = None

    @property
    def duration_s(self) -> float:
        return max(0.0, (self.ended - self.started).total_seconds())


class SessionAnalytics(msgspec.Struct, frozen=True):
    """A session's length, averages and distribution."""

    session_id: str
    started: datetime
    ended: datetime
    is_active: bool
    duration_s: float
    readings: int
    averages: Mapping[str, float | None]  # of the four moods, valence and arousal
    dominant_emotion: str | None  # of most readings; ties in the order of `MOODS`
    distribution: Distribution


def session_analytics(whole: Whole) -> SessionAnalytics:
    """Return a session in figures; averages are None without readings."""
    sums = whole.sums
    return SessionAnalytics(
        whole.session_id,
        whole.started,
        whole.ended,
        whole.is_active,
        whole.duration_s,
        sums.readings if sums else 0,
        {name: sums.spreads[name].mean if sums else None for name in MEASURES},
        max(MOODS, key=lambda mood: sums.dominant[mood]) if sums else None,
        distribution([bucket_of(sums)] if sums else []),
    )
