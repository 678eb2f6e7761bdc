"""Aggregates kept bit by bit equal what a slow and obvious look at every reading finds."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import add
from pathlib import Path
from unittest.mock import ANY

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.analytics.aggregate import Spread
from mirrord.model import Reading
from mirrord.store import Aggregate, ReadingRecord, SessionRecord, Store
from tests.store_kit import EVER, START, after, all_readings, fill, reading, scratch
from tests.store_strategies import readings

# Around two borders of hours, with many readings a minute and a clock that jumps about.
near = st.integers(-200_000, 3_900_000).map(lambda ms: START + timedelta(milliseconds=ms))
kept = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("ab"), readings(near)),
        st.just("flush"),
        st.just("fold"),
        st.just("reopen"),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(kept)
def test_minutes_hours_and_sessions_equal_a_recount(steps: list[object]) -> None:
    with scratch() as folder:
        asyncio.run(_compare(Path(folder) / "mirror.sqlite3", steps))


async def _compare(path: Path, steps: list[object]) -> None:
    rest = [*steps]
    while rest:
        async with Store.open(path) as store:
            while rest and (step := rest.pop(0)) != "reopen":
                await _take(store, step)
            await store.flush()
            everything = list(reversed(await all_readings(store)))
            assert await store.minutes(**EVER) == recount(everything, timedelta(minutes=1))
            assert await store.hours(**EVER) == recount(everything, timedelta(hours=1))
            for session in await store.sessions():
                mine = [one for one in everything if one.session_id == session.session_id]
                assert session == recounted(session, mine)
            assert store.status.readings == len(everything)


async def _take(store: Store, step: object) -> None:
    match step:
        case "flush":
            await store.flush()
        case "fold":  # the end of a session folds; "c" has no reading of its own
            store.start_session("c", START)
            store.end_session("c", START)
            await store.flush()
        case (str(session), Reading() as seen):
            store.add_reading(session, seen)


def recount(everything: Sequence[ReadingRecord], width: timedelta) -> list[Aggregate]:
    """Sort readings into minutes or hours and add each heap up anew."""
    heaps: dict[tuple[datetime, str], list[ReadingRecord]] = {}
    first_seen = list(dict.fromkeys(one.session_id for one in everything))
    for one in everything:
        start = one.timestamp - (one.timestamp - datetime.min.replace(tzinfo=START.tzinfo)) % width
        heaps.setdefault((start, one.session_id or ""), []).append(one)
    order = sorted(heaps, key=lambda key: (key[0], first_seen.index(key[1])))
    return [added_up(start, session, heaps[start, session]) for start, session in order]


def added_up(start: datetime, session: str, heap: list[ReadingRecord]) -> Aggregate:
    moods, words = Counter(o.dominant_emotion for o in heap), Counter(o.expression for o in heap)
    return Aggregate(
        start,
        session,
        len(heap),
        {name: moods[name] for name in ("joy", "calm", "energy", "melancholy")},
        {
            word: words[word]
            for word in (
                "angry",
                "disgust",
                "fear",
                "happy",
                "sad",
                "surprise",
                "neutral",
                "unsure",
            )
        },
        {
            name: spread([(getattr(one, name), one.timestamp) for one in heap])
            for name in ("joy", "calm", "energy", "melancholy", "valence", "arousal")
        },
    )


def spread(values: list[tuple[float, datetime]]) -> Spread:
    whole = [round(value * 10_000) for value, _ in values]
    low, low_at = min(values)
    high, high_at = min(values, key=lambda pair: (-pair[0], pair[1]))
    squares = sum(value * value for value in whole)
    return Spread(len(values), sum(whole), squares, low, low_at, high, high_at)


def recounted(session: SessionRecord, mine: list[ReadingRecord]) -> SessionRecord:
    def average(name: str) -> float | None:
        if not mine:
            return None
        return pytest.approx(statistics.fmean(getattr(one, name) for one in mine), abs=1e-9)

    return SessionRecord(
        session.session_id,
        ANY,
        max((one.timestamp for one in mine), default=session.last_activity)
        if session.session_id != "c"
        else ANY,
        ANY,
        len(mine),
        *(average(name) for name in ("joy", "calm", "energy", "melancholy")),
        "mirror",
    )


@given(st.lists(st.lists(st.integers(-10_000, 10_000), min_size=1), min_size=1, max_size=5))
def test_spreads_add_up_in_any_cut(parts: list[list[int]]) -> None:
    stamped = [
        [(value / 10_000, after(100 * number + place)) for place, value in enumerate(part)]
        for number, part in enumerate(parts)
    ]
    whole = spread([pair for part in stamped for pair in part])
    assert reduce(add, map(spread, stamped)) == whole
    values = [pair[0] for part in stamped for pair in part]
    assert whole.mean == pytest.approx(statistics.fmean(values), abs=1e-9)
    assert whole.deviation == pytest.approx(statistics.pstdev(values), abs=1e-9)


async def test_minutes_of_different_sessions_can_be_put_together(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "mirror.sqlite3") as store:
        store.add_reading("a", reading(after(1), joy=0.9))
        store.add_reading("b", reading(after(61), joy=0.1))
        await store.flush()
        together = reduce(add, await store.minutes(**EVER))
        only_b = await store.minutes(**EVER, session_id="b")
        assert await store.minutes(**EVER, session_id="c") == []
        assert [one.start for one in await store.minutes(after(60), after(120))] == [after(60)]
    assert (together.start, together.session_id, together.readings) == (START, None, 2)
    assert together.spreads["joy"].mean == pytest.approx(0.5)
    assert (together.spreads["joy"].high_at, together.spreads["joy"].low_at) == (
        after(1),
        after(61),
    )
    assert [one.session_id for one in only_b] == ["b"]


async def test_readings_are_folded_once_in_a_while_not_at_every_flush(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "mirror.sqlite3") as store:
        grown = []
        for first in range(0, 1200, 5):
            before = store.status.bytes
            await fill(store, 5, first=first)
            grown.append(store.status.bytes - before)
        assert sum(one.readings for one in await store.minutes(**EVER)) == 1200
    assert statistics.median(grown) < 6_000  # a folding rewrites some twelve pages more
    assert sum(growth > 10_000 for growth in grown) == 4
