"""A time zone as stretches in which it lies equally far from UTC, so that a database can group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

_STEP: Final = timedelta(hours=12)  # clocks that change twice within it are not noticed
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Together:
    """Buckets that may come as one: those of a local day, of an hour of the local week, or all.

    It is leave, not an order: whoever answers with finer ones answers right too.
    """

    what: Literal["all", "day", "week_hour"]
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time, and what its clocks are ahead of UTC."""

    since: datetime
    until: datetime
    ahead: timedelta


def pieces(zone: tzinfo, since: datetime, until: datetime) -> list[Piece]:
    """Cut a span where the clocks of a zone change."""
    days = _day(since), _day(until) + _DAY
    found = []
    for piece in _pieces(zone, *days):
        first, last = max(piece.since, since), min(piece.until, until)
        if first < last:
            found.append(Piece(first, last, piece.ahead))
    return found


@lru_cache(maxsize=64)
def _pieces(zone: tzinfo, since: datetime, until: datetime) -> tuple[Piece, ...]:
    cuts = [since, *_changes(zone, since, until), until]
    return tuple(Piece(first, last, _ahead(zone, first)) for first, last in pairwise(cuts))


def _changes(zone: tzinfo, since: datetime, until: datetime) -> Iterator[datetime]:
    at, ahead = since, _ahead(zone, since)
    while at < until:
        then = at + _STEP
        if (now := _ahead(zone, then)) != ahead:
            yield _change(zone, at, then)
            ahead = now
        at = then


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """Return the first whole minute of the new clocks."""
    ahead = _ahead(zone, before)
    while after - before > _MINUTE:
        middle = before + (after - before) // 2 // _MINUTE * _MINUTE
        if _ahead(zone, middle) == ahead:
            before = middle
        else:
            after = middle
    return after


def _ahead(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _day(at: datetime) -> datetime:
    return _EPOCH + (at - _EPOCH) // _DAY * _DAY
