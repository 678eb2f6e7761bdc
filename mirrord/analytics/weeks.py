"""This week against the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

import msgspec

from mirrord.analytics.aggregate import MEASURES, Bucket
from mirrord.analytics.distribution import Distribution, distribution


class Week(msgspec.Struct, frozen=True):
    """The readings of a week, or of its part so far."""

    start: datetime  # Monday 0 h in the time zone, as UTC
    end: datetime  # up to but without
    count: int
    averages: Mapping[str, float | None]  # of the four moods, valence and arousal
    distribution: Distribution


class Weeks(msgspec.Struct, frozen=True):
    """This week so far, the same part of the week before, and that week as a whole."""

    this: Week
    before: Week  # up to the same time of the same weekday
    whole_before: Week
    change: Mapping[str, float | None]  # `this` minus `before`; None if either has no readings


def weeks(buckets: Iterable[Bucket], now: datetime, zone: tzinfo) -> Weeks:
    """Compare the week of `now`, from its Monday in `zone`, with the one before.

    Buckets are of `weeks_since(now, zone)` up to `now`, as fine as `heatmap.fineness` says, in any
    order. A bucket counts where it begins.
    """
    kept = list(buckets)
    monday, last_monday = week_start(now, zone), weeks_since(now, zone)
    now_before = _week_earlier(now, zone)
    this = _week(kept, monday, now)
    before = _week(kept, last_monday, now_before)
    change = {name: _minus(this.averages[name], before.averages[name]) for name in MEASURES}
    return Weeks(this, before, _week(kept, last_monday, monday), change)


def weeks_parts(now: datetime, zone: tzinfo) -> tuple[tuple[datetime, datetime], ...]:
    """Return the spans whose buckets `weeks` may be given added up, each as one."""
    monday, last_monday = week_start(now, zone), weeks_since(now, zone)
    now_before = _week_earlier(now, zone)
    return (last_monday, now_before), (now_before, monday), (monday, now)


def week_start(at: datetime, zone: tzinfo) -> datetime:
    """Return when the week of `at` began: Monday 0 h in the zone, as UTC."""
    day = at.astimezone(zone).date()
    return _midnight(day - timedelta(days=day.weekday()), zone)


def weeks_since(now: datetime, zone: tzinfo) -> datetime:
    """Return when the week before that of `now` began, as UTC."""
    monday = week_start(now, zone).astimezone(zone).date()
    return _midnight(monday - timedelta(days=7), zone)


def _week_earlier(now: datetime, zone: tzinfo) -> datetime:
    """Return when the clocks of the zone showed the same a week ago, as UTC."""
    local = now.astimezone(zone)
    return (local - timedelta(days=7)).astimezone(UTC)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _week(buckets: list[Bucket], start: datetime, end: datetime) -> Week:
    within = [bucket for bucket in buckets if start <= bucket.start < end]
    count = sum(bucket.readings for bucket in within)
    total = sum(within[1:], within[0]) if within else None
    averages = {name: total.mean(name) if total else None for name in MEASURES}
    return Week(start, end, count, averages, distribution(within))


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
