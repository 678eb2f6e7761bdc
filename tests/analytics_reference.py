"""Analytics the slow and obvious way: every figure from every reading, nothing kept."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from mirrord.store import ReadingRecord

MOODS = ("joy", "calm", "energy", "melancholy")
MEASURES = (*MOODS, "valence", "arousal")
WORDS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "unsure")
Records = Sequence[ReadingRecord]


def number(one: ReadingRecord) -> int:
    return one.id.int >> 80


def linked(before: ReadingRecord, after: ReadingRecord) -> bool:
    passed = after.timestamp - before.timestamp
    near = number(after) - number(before) <= 1000
    return near and timedelta() <= passed <= timedelta(seconds=60)


def faces(records: Records) -> list[list[ReadingRecord]]:
    found: dict[int | None, list[ReadingRecord]] = defaultdict(list)
    for one in records:
        found[one.track].append(one)
    return list(found.values())


def pairs(records: Records) -> list[tuple[ReadingRecord, ReadingRecord]]:
    every = (pair for face in faces(records) for pair in pairwise(face))
    return [pair for pair in every if linked(*pair)]


def seconds(records: Records) -> dict[str, float]:
    found = dict.fromkeys(MOODS, 0.0)
    for before, after in pairs(records):
        found[before.dominant_emotion] += (after.timestamp - before.timestamp).total_seconds()
    return found


def transitions(records: Records) -> list[list[int]]:
    counts = Counter((one.expression, two.expression) for one, two in pairs(records))
    return [[counts[row, column] for column in WORDS] for row in WORDS]


def longest_calm(records: Records) -> tuple[datetime, float] | None:
    """Look at every stretch there is."""
    found: list[tuple[float, datetime]] = []
    for face in faces(records):
        for first in range(len(face)):
            for last in range(first + 1, len(face)):
                part = face[first : last + 1]
                calm = all(one.dominant_emotion == "calm" for one in part)
                if calm and all(linked(*pair) for pair in pairwise(part)):
                    length = part[-1].timestamp - part[0].timestamp
                    found.append((length.total_seconds(), part[0].timestamp))
    best = min(found, key=lambda pair: (-pair[0], pair[1]), default=None)
    return (best[1], best[0]) if best and best[0] else None


def means(records: Records) -> dict[str, float]:
    return {name: statistics.fmean(getattr(one, name) for one in records) for name in MEASURES}


def insights(records: Records) -> dict[str, Any]:
    """Return what `Insights` holds, but for the session's id and duration."""
    values = {mood: [(getattr(one, mood), one.timestamp) for one in records] for mood in MOODS}
    return {
        "readings": len(records),
        "volatility": {
            mood: statistics.pstdev(value for value, _ in pairs) for mood, pairs in values.items()
        },
        "progression": {
            mood: getattr(records[-1], mood) - getattr(records[0], mood) for mood in MOODS
        },
        "peaks": {
            mood: min(pairs, key=lambda pair: (-pair[0], pair[1])) for mood, pairs in values.items()
        },
        "lows": {mood: min(pairs) for mood, pairs in values.items()},
        "seconds": seconds(records),
        "transitions": transitions(records),
        "longest_calm": longest_calm(records),
    }


def trends(records: Records, resolution: str, zone: tzinfo) -> list[dict[str, Any]]:
    heaps: dict[datetime, list[ReadingRecord]] = defaultdict(list)
    for one in records:
        at = one.timestamp.replace(second=0, microsecond=0)
        if resolution == "hour":
            at = at.replace(minute=0)
        if resolution == "day":
            local = one.timestamp.astimezone(zone)
            at = datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)
        heaps[at].append(one)
    return [{"start": at, "count": len(heaps[at]), **means(heaps[at])} for at in sorted(heaps)]


def distribution(records: Records) -> dict[str, list[tuple[str, int, float]]]:
    moods = Counter(one.dominant_emotion for one in records)
    words = Counter(one.expression for one in records if one.expression)
    return {
        "moods": [(mood, moods[mood], _per_cent(moods[mood], moods.values())) for mood in MOODS],
        "expressions": [
            (word, words[word], _per_cent(words[word], words.values())) for word in WORDS
        ],
    }


def _per_cent(count: int, counts: Iterable[int]) -> float:
    total = sum(counts)
    return 100 * count / total if total else 0.0


def heatmap(records: Records, zone: tzinfo) -> dict[tuple[int, int], dict[str, Any]]:
    heaps: dict[tuple[int, int], list[ReadingRecord]] = defaultdict(list)
    for one in records:
        local = one.timestamp.astimezone(zone)
        heaps[local.weekday(), local.hour].append(one)
    return {
        place: {"count": len(heap), **means(heap), "dominant_emotion": most(heap)}
        for place, heap in heaps.items()
    }


def most(records: Records) -> str:
    counts = Counter(one.dominant_emotion for one in records)
    return max(MOODS, key=lambda mood: counts[mood])


def week(records: Records, start: datetime, end: datetime) -> dict[str, Any]:
    within = [one for one in records if start <= one.timestamp < end]
    return {
        "start": start,
        "end": end,
        "count": len(within),
        "averages": means(within) if within else dict.fromkeys(MEASURES),
    }
