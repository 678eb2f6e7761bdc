"""How the moods went: averages by minute, hour or day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Literal

import msgspec

from mirrord.analytics.aggregate import Bucket

Resolution = Literal["minute", "hour", "day"]


class Trend(msgspec.Struct, frozen=True):
    """The averages of one minute, hour or day that has readings."""

    start: datetime  # UTC; of a day, the moment at which it begins in its time zone
    count: int
    joy: float
    calm: float
    energy: float
    melancholy: float
    valence: float
    arousal: float


def trends(buckets: Iterable[Bucket], resolution: Resolution, zone: tzinfo = UTC) -> list[Trend]:
    """Return averages weighted by readings, the oldest first; stretches without any are left out.

    Buckets must be as fine as the resolution, in any order. Minutes and hours are those of UTC;
    days are those of `zone`, 23 or 25 hours long when its clocks change.
    """
    heaps: dict[datetime, Bucket] = {}
    for bucket in buckets:
        start = _start(bucket.start, resolution, zone)
        heaps[start] = heaps[start] + bucket if start in heaps else bucket
    # The fields of a trend are in the order of `MEASURES`.
    return [Trend(start, heaps[start].readings, *heaps[start].means) for start in sorted(heaps)]


def day_start(at: datetime, zone: tzinfo) -> datetime:
    """Return when the day of `at` began in the zone, in UTC."""
    local = at.astimezone(zone)
    return datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)


def _start(at: datetime, resolution: Resolution, zone: tzinfo) -> datetime:
    if resolution == "day":
        return day_start(at, zone)
    if resolution == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    return at.replace(second=0, microsecond=0)
