"""Summaries add up in any cut; days and weeks are those of the clocks on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from operator import add
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord import analytics
from mirrord.analytics.aggregate import MEASURES, WORDS
from mirrord.analytics.course import GAP_MS, GAP_READINGS, Course, Face, Moment, Stretch, face_of
from mirrord.analytics.trends import day_start
from mirrord.model import MOODS

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
CALM, JOY = MOODS.index("calm"), MOODS.index("joy")


@st.composite
def sequences(draw: st.DrawFn) -> list[Moment]:
    steps = st.tuples(
        st.sampled_from((1, 1, 2, GAP_READINGS, GAP_READINGS + 1)),
        st.sampled_from((0, 1000, 1000, 5000, GAP_MS, GAP_MS + 1, -1, -100_000)),
        st.sampled_from((CALM, CALM, JOY)),
        st.integers(-1, 2),
    )
    number, at, found = 0, 10_000_000, []
    for further, passed, mood, expression in draw(st.lists(steps, min_size=1, max_size=20)):
        number, at = number + further, at + passed
        found.append(Moment(number, at, mood, expression))
    return found


@given(sequences(), st.data())
def test_a_face_is_the_sum_of_its_pieces_however_they_are_cut(
    moments: list[Moment], data: st.DataObject
) -> None:
    cuts = data.draw(st.sets(st.integers(1, len(moments)))) | {0, len(moments)}
    ends = sorted(cuts)
    pieces = [face_of(moments[a:b]) for a, b in pairwise(ends)]
    whole = face_of(moments)
    assert reduce(add, pieces) == whole
    assert _from_the_right(pieces) == whole


def _from_the_right(pieces: list[Face]) -> Face:
    found = pieces[-1]
    for piece in reversed(pieces[:-1]):
        found = piece + found
    return found


counts = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 7)), st.integers(1, 9))
stretches = st.none() | st.builds(
    lambda start, length: Stretch(start, start + length), st.integers(0, 9), st.integers(0, 3)
)
courses = st.integers(1, 100).flatmap(
    lambda first: st.builds(
        Course,
        st.tuples(st.just(first), *(st.integers(0, 10_000),) * 4),
        st.tuples(st.integers(first, first + 50), *(st.integers(0, 10_000),) * 4),
        st.tuples(*(st.integers(0, 10_000),) * 4),
        counts,
        stretches,
    )
)


@given(courses, courses, courses)
def test_courses_add_up_in_any_order(one: Course, two: Course, three: Course) -> None:
    assert (one + two) + three == one + (two + three)
    assert one + two == two + one


def bucket(start: datetime, readings: int = 1, **sums: int) -> analytics.Bucket:
    return analytics.Bucket(
        start,
        readings,
        (0, readings, 0, 0),
        tuple(readings if word == "neutral" else 0 for word in WORDS),
        tuple(sums.get(name, 0) for name in MEASURES),
    )


def hours(since: datetime, until: datetime) -> list[analytics.Bucket]:
    count = int((until - since) / timedelta(hours=1))
    return [bucket(since + timedelta(hours=number)) for number in range(count)]


@pytest.mark.parametrize(("day", "long"), [((3, 28), 24), ((3, 29), 23), ((10, 25), 25)])
def test_a_day_is_as_long_as_its_clocks_make_it(day: tuple[int, int], long: int) -> None:
    noon = datetime(2026, *day, 12, tzinfo=UTC)
    buckets = hours(noon - timedelta(days=3), noon + timedelta(days=3))
    trends = {one.start: one.count for one in analytics.trends(buckets, "day", BERLIN)}
    assert trends[day_start(noon, BERLIN)] == long


def test_the_hour_that_is_skipped_is_empty_and_the_one_that_comes_twice_counts_twice() -> None:
    spring = hours(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    autumn = hours(datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))
    found = [{c.hour: c.count for c in analytics.heatmap(day, BERLIN)} for day in (spring, autumn)]
    assert found[0] == {hour: 1 for hour in range(24) if hour != 2}
    assert found[1] == {hour: 1 + (hour == 2) for hour in range(24)}
    assert {cell.weekday for cell in analytics.heatmap(spring, BERLIN)} == {6}


@pytest.mark.parametrize(
    ("zone", "fine"),
    [
        ("UTC", "hour"),
        ("Europe/Berlin", "hour"),
        ("Asia/Kolkata", "half"),
        ("America/St_Johns", "half"),
        ("Australia/Lord_Howe", "half"),  # half an hour ahead in one half of the year only
        ("Asia/Kathmandu", "quarter"),
    ],
)
def test_zones_that_lie_between_hours_need_parts_of_them(zone: str, fine: str) -> None:
    span = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
    assert analytics.fineness(ZoneInfo(zone), *span) == fine


def test_an_hour_of_a_half_hour_zone_is_made_of_two_halves() -> None:
    (cell,) = analytics.heatmap([bucket(datetime(2026, 1, 5, 18, 30, tzinfo=UTC))], KOLKATA)
    assert (cell.weekday, cell.hour) == (1, 0)


def test_a_week_goes_from_monday_to_monday_over_a_change_of_clocks() -> None:
    now = datetime(2026, 4, 1, 10, tzinfo=UTC)  # Wednesday noon, summer time
    since = analytics.weeks_since(now, BERLIN)
    found = analytics.weeks(hours(since, now), now, BERLIN)
    assert since == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert found.whole_before.count == 7 * 24 - 1
    assert found.this.count == found.before.count == 2 * 24 + 12
    assert found.change["calm"] == 0.0
    nothing = analytics.weeks([], now, BERLIN)
    assert (nothing.this.count, nothing.change["joy"]) == (0, None)


@given(st.integers(0, 50), st.integers(1, 20))
def test_a_trajectory_has_at_most_so_many_points(length: int, most: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    buckets = [
        bucket(start + timedelta(minutes=number), number + 1, valence=number * 100)
        for number in range(length)
    ]
    points = analytics.trajectory(buckets, most)
    assert len(points) <= most
    assert sum(point.readings for point in points) == sum(one.readings for one in buckets)
    assert [point.start for point in points] == sorted(point.start for point in points)
    if length <= most:
        assert len(points) == length


def test_nothing_has_a_distribution_of_zeros() -> None:
    found = analytics.distribution([])
    assert found.total == 0
    assert {share.percentage for share in (*found.moods, *found.expressions)} == {0.0}
