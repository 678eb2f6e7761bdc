"""When in the week which mood is at home."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Literal

import msgspec

from mirrord.analytics.aggregate import Bucket
from mirrord.analytics.zones import pieces
from mirrord.model import MOODS, MoodName


class Cell(msgspec.Struct, frozen=True):
    """An hour of the week with readings."""

    weekday: int  # 0 Monday .. 6 Sunday
    hour: int  # 0..23
    count: int
    joy: float  # averages
    calm: float
    energy: float
    melancholy: float
    valence: float
    arousal: float
    dominant_emotion: MoodName  # of most readings; ties in the order of `MOODS`


def heatmap(buckets: Iterable[Bucket], zone: tzinfo) -> list[Cell]:
    """Return the hours of the week that have readings, Monday 0 h first.

    Hours are what the clocks of `zone` showed: when they are put back, the hour that comes twice
    is one cell; the hour that is skipped gets nothing. Buckets are as `fineness` says, any order.
    """
    heaps: dict[tuple[int, int], Bucket] = {}
    for bucket in buckets:
        local = bucket.start.astimezone(zone)
        place = local.weekday(), local.hour
        heaps[place] = heaps[place] + bucket if place in heaps else bucket
    return [_cell(*place, heaps[place]) for place in sorted(heaps)]


def fineness(zone: tzinfo, since: datetime, until: datetime) -> Literal["hour", "half", "quarter"]:
    """Return the widest bucket that no hour of the zone cuts in two, within the span.

    Zones differ from UTC by whole hours, but for a few, which do by half an hour (India,
    Newfoundland) or a quarter (Nepal) more.
    """
    ahead = {piece.ahead for piece in pieces(zone, since, until)}
    if any(one % timedelta(minutes=30) for one in ahead):
        return "quarter"
    return "half" if any(one % timedelta(hours=1) for one in ahead) else "hour"


def _cell(weekday: int, hour: int, heap: Bucket) -> Cell:
    joy, calm, energy, melancholy, valence, arousal = heap.means
    return Cell(
        weekday,
        hour,
        heap.readings,
        joy,
        calm,
        energy,
        melancholy,
        valence,
        arousal,
        max(MOODS, key=lambda mood: heap.dominant[MOODS.index(mood)]),
    )
