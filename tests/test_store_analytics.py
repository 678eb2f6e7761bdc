"""Analytics out of the file equal what a slow look at every reading finds, however it was kept."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord import analytics
from mirrord.model import Reading
from mirrord.mood import affect_by_hand
from mirrord.store import ReadingRecord, Store
from mirrord.store.codec import row_by_hand
from mirrord.store.entries import ReadingTaken
from mirrord.store.queries import Chosen
from tests import analytics_reference as reference
from tests.store_kit import EVER, START, after, all_readings, reading, response, scratch
from tests.store_strategies import readings

MOODS = ("joy", "calm", "energy", "melancholy")
ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Asia/Kathmandu", "UTC")
]
# Clocks are changed in Berlin at 1:00 UTC of this day, and of 2026-10-25.
SPRING = datetime(2026, 3, 29, tzinfo=UTC)


@st.composite
def steps(draw: st.DrawFn) -> list[Any]:
    """Mostly a few faces that are read every few seconds; now and then the clock jumps."""
    at, found = draw(st.sampled_from((START, SPRING, SPRING + timedelta(days=210)))), []
    for _ in range(draw(st.integers(1, 30))):
        pause = draw(st.sampled_from((0, 1, 3, 59, 60, 61, 1800, 40_000, -2, -70, -3600)))
        at += timedelta(seconds=pause, milliseconds=draw(st.integers(0, 999)))
        seen = draw(readings(st.just(at)))
        mood = draw(st.sampled_from(MOODS))
        felt = {name: round(draw(st.floats(0, 0.5)), 1) for name in MOODS} | {mood: 0.6}
        if draw(st.booleans()):  # half of all are calm, so that stretches come about
            felt |= {"calm": 0.9}
        seen = dataclasses.replace(
            seen,
            track=draw(st.integers(1, 2)),
            affect=dataclasses.replace(seen.affect, **felt),
        )
        found.append((draw(st.sampled_from("ab")), seen, draw(st.booleans())))
        found += draw(st.sampled_from(([], [], [], ["hand"], ["fold"], ["reopen"], ["flush"])))
    return found


async def take(store: Store, step: Any) -> None:
    match step:
        case "fold":  # the end of a session folds
            store.end_session("a", START)
            await store.flush()
        case "hand":
            row = row_by_hand(START, affect_by_hand(0.1, 0.2, 0.8, 0), response(), START, "anna")
            await store.put(ReadingTaken("a", row, "api"))
        case "flush" | "reopen":
            await store.flush()
        case (str(session), Reading() as seen, answered):
            store.add_reading(session, seen, response() if answered else None)


async def fill(path: Path, wanted: Sequence[Any]) -> None:
    rest = [*wanted]
    while rest:
        async with Store.open(path) as store:
            while rest and (step := rest.pop(0)) != "reopen":
                await take(store, step)


def run(check: Any, wanted: Sequence[Any]) -> None:
    async def go() -> None:
        with scratch() as folder:
            path = Path(folder) / "mirror.sqlite3"
            await fill(path, wanted[: len(wanted) // 2])
            async with Store.open(path) as store:
                for step in wanted[len(wanted) // 2 :]:
                    await take(store, step)
                await store.flush()
                await check(store)

    asyncio.run(go())


def close(found: Any, expected: Any) -> None:
    """Compare, floats by and large, whatever the nesting."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            close(found[key], expected[key])
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            close(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-7)
    else:
        assert found == expected


async def everything(store: Store) -> list[ReadingRecord]:
    return list(reversed(await all_readings(store)))


@settings(max_examples=50, deadline=None)
@given(
    steps(),
    st.sampled_from(ZONES),
    st.sampled_from((None, "a", "unknown")),
    st.integers(-3, 20),
    st.tuples(st.integers(-4000, 90_000), st.integers(0, 90_000)) | st.none(),
)
def test_every_figure_equals_a_recount(
    wanted: list[Any],
    zone: ZoneInfo,
    session: str | None,
    days: int,
    span: tuple[int, int] | None,
) -> None:
    async def check(store: Store) -> None:
        await check_sessions(store)
        await check_spans(store, zone, session)
        await check_weeks(store, zone, days)
        await check_counts(store, session, span)

    run(check, wanted)


async def check_sessions(store: Store) -> None:
    kept = await everything(store)
    for session in await store.sessions():
        mine = [one for one in kept if one.session_id == session.session_id]
        whole = await store.whole(session.session_id)
        assert whole is not None
        found = analytics.insights(whole)
        if not mine:
            assert (found.readings, found.peaks, found.longest_calm) == (0, {}, None)
            continue
        expected = reference.insights(mine)
        plain = {name: getattr(found, name) for name in expected}
        plain["peaks"] = {mood: (one.value, one.at) for mood, one in found.peaks.items()}
        plain["lows"] = {mood: (one.value, one.at) for mood, one in found.lows.items()}
        plain["transitions"] = found.transitions.counts
        calm = found.longest_calm
        plain["longest_calm"] = calm and (calm.start, calm.seconds)
        close(plain, expected)
        assert found.transitions.names == reference.WORDS
        figures = analytics.session_analytics(whole)
        close(dict(figures.averages), reference.means(mine))
        assert figures.dominant_emotion == reference.most(mine)
        check_distribution(figures.distribution, mine)
        stay = session.last_activity - session.start_time
        assert figures.duration_s == found.duration_s == max(0, stay.total_seconds())
        assert figures.is_active == session.is_active


def check_distribution(found: analytics.Distribution, records: Sequence[ReadingRecord]) -> None:
    expected = reference.distribution(records)
    assert found.total == len(records)
    close([msgspec.structs.astuple(one) for one in found.moods], expected["moods"])
    close([msgspec.structs.astuple(one) for one in found.expressions], expected["expressions"])


async def check_spans(store: Store, zone: ZoneInfo, session: str | None) -> None:
    kept = [one for one in await everything(store) if session in (None, one.session_id)]
    fine = analytics.fineness(zone, START - timedelta(days=2), START + timedelta(days=300))
    wide = await store.buckets(fine, **EVER, session_id=session)
    minutes = await store.buckets("minute", **EVER, session_id=session)
    hours = await store.buckets("hour", **EVER, session_id=session)
    for resolution, buckets in (("minute", minutes), ("hour", hours), ("day", wide)):
        found = analytics.trends(buckets, resolution, zone)
        close([msgspec.structs.asdict(one) for one in found],
              reference.trends(kept, resolution, zone))  # fmt: skip
    check_distribution(analytics.distribution(hours), kept)
    check_heatmap(wide, zone, kept)
    await check_together(store, zone, session, kept)
    points = analytics.trajectory(minutes, 5)
    assert len(points) <= 5
    assert sum(one.readings for one in points) == len(kept)
    for name in ("valence", "arousal"):
        total = sum(getattr(one, name) * one.readings for one in points)
        assert total == pytest.approx(sum(getattr(one, name) for one in kept), abs=1e-6)


def check_heatmap(
    buckets: Sequence[analytics.Bucket], zone: ZoneInfo, kept: Sequence[ReadingRecord]
) -> None:
    cells = {(one.weekday, one.hour): one for one in analytics.heatmap(buckets, zone)}
    expected = reference.heatmap(kept, zone)
    assert list(cells) == sorted(expected)
    for place, cell in cells.items():
        close({name: getattr(cell, name) for name in expected[place]}, expected[place])


async def check_together(
    store: Store, zone: ZoneInfo, session: str | None, kept: Sequence[ReadingRecord]
) -> None:
    """What the database adds up is the same; of a year it is a few hundred rows."""
    fine = analytics.fineness(zone, **EVER)

    async def added_up(what: Any) -> list[analytics.Bucket]:
        together = analytics.Together(what, zone)
        return await store.buckets(fine, **EVER, session_id=session, together=together)

    days = analytics.trends(await added_up("day"), "day", zone)
    close([msgspec.structs.asdict(one) for one in days], reference.trends(kept, "day", zone))
    check_heatmap(await added_up("week_hour"), zone, kept)
    check_distribution(analytics.distribution(await added_up("all")), kept)


async def check_weeks(store: Store, zone: ZoneInfo, days: int) -> None:
    kept = await everything(store)
    now = kept[-1].timestamp.replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    since = analytics.weeks_since(now, zone)
    buckets = await store.buckets("quarter", since, now)
    found = analytics.weeks(buckets, now, zone)
    added_up: list[analytics.Bucket] = []
    for span in analytics.weeks_parts(now, zone):
        added_up += await store.buckets("quarter", *span, together=analytics.Together("all"))
    assert analytics.weeks(added_up, now, zone) == found
    local = now.astimezone(zone)
    monday = datetime(local.year, local.month, local.day, tzinfo=zone)
    while monday.weekday():
        monday -= timedelta(days=1)
    start = monday.astimezone(UTC)
    start_before = (monday - timedelta(days=7)).astimezone(UTC)
    until_before = (local - timedelta(days=7)).astimezone(UTC)
    for week, expected in (
        (found.this, reference.week(kept, start, now)),
        (found.before, reference.week(kept, start_before, until_before)),
        (found.whole_before, reference.week(kept, start_before, start)),
    ):
        close({name: getattr(week, name) for name in expected}, expected)
    one, other = found.this.averages["joy"], found.before.averages["joy"]
    none = one is None or other is None
    assert found.change["joy"] == (None if none else pytest.approx(one - other))


async def check_counts(store: Store, session: str | None, span: tuple[int, int] | None) -> None:
    kept = await everything(store)
    since = span and kept[0].timestamp + timedelta(seconds=span[0])
    until = since and since + timedelta(seconds=span[1])
    chosen = Chosen(session, since, until)
    found = await store.readings(session, since, until, limit=1_000)
    assert await store.count("readings", chosen) == len(found)
    answers = await store.responses(session, since, until, limit=1_000)
    assert await store.count("responses", chosen) == len(answers)
    assert (await store.totals()).readings == len(kept)
    assert (await store.forgettable(chosen)).readings == len(found)


async def test_a_reading_by_hand_has_no_expression(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "mirror.sqlite3") as store:
        affect = affect_by_hand(0.9, 0.1, 0.2, 0.0)
        entry = ReadingTaken("s", row_by_hand(START, affect, None, START, "anna"), "api")
        await store.put(entry)
        store.add_reading("s", reading(after(1)))
        await store.flush()
        seen, given = await store.readings()
        (session,) = await store.sessions()
        whole = await store.whole("s")
    assert given.id.int >> 80 == entry.number == 1
    assert (given.expression, given.confidence, given.track, given.happy) == (None,) * 4
    assert (given.joy, given.dominant_emotion, given.user) == (0.9, "joy", "anna")
    assert (given.valence, given.arousal) == (round(affect.valence, 4), round(affect.arousal, 4))
    assert (seen.expression, seen.user) == ("happy", None)
    assert (session.user, session.device_type) == ("anna", "api")
    assert whole is not None
    found = analytics.insights(whole)
    assert found.readings == 2
    assert not any(map(sum, found.transitions.counts))
