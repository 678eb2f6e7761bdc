"""Published figures as they are answered and told."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mirrord.analytics import Bucket
from mirrord.analytics.aggregate import MEASURES, UNIT, WORDS
from mirrord.api.records import Time
from mirrord.collective.schema import LED, SUMS, published, published_hours
from mirrord.collective.tally import time_of
from mirrord.model import MOODS, MoodName


class Collective(msgspec.Struct, frozen=True):
    """The mood of a space within a window; `timestamp` is when that began.

    Averages over the contributors, in steps of 0.01; the counts are coarse: 5 says at least 5.
    """

    space: str
    timestamp: Time
    collective_joy: float
    collective_calm: float
    collective_energy: float
    collective_melancholy: float
    valence: float
    arousal: float
    active_sessions: int  # contributors: each account counts once, however many mirrors it has
    total_readings_processed: int
    dominant_collective_emotion: MoodName


COLUMNS: Final = (
    published.c.space,
    published.c.start,
    *(published.c[name] for name in (*MEASURES, "contributors", "readings")),
)
HOURS: Final = (
    published_hours.c.start,
    *(published_hours.c[name] for name in ("windows", *LED, *SUMS)),
)


def collective_of(row: Any) -> Collective:
    """Return a published row, by the names of its columns."""
    joy, calm, energy, melancholy, valence, arousal = (row[name] / UNIT for name in MEASURES)
    return Collective(
        str(row["space"]),
        time_of(row["start"]),
        joy,
        calm,
        energy,
        melancholy,
        valence,
        arousal,
        row["contributors"],
        row["readings"],
        leading(row),
    )


def leading(row: Any) -> MoodName:
    """Return the mood that leads; of equals the first in the order of `MOODS`."""
    return max(MOODS, key=lambda mood: int(row[mood]))


def hour_of(values: tuple[Any, ...]) -> Bucket:
    """Return an hour's columns `HOURS` as analytics takes it: its readings are shown windows."""
    start, windows, *rest = (int(one) for one in values)
    led, sums = rest[: len(LED)], rest[len(LED) :]
    return Bucket(time_of(start), windows, tuple(led), (0,) * len(WORDS), tuple(sums))
