"""Buckets that may come as one, added up by the database.

What is asked about a year is a few hundred rows then, however many readings, minutes or hours the
year has. In a zone that lies between the hours of UTC, parts of an hour are read only where a day
begins in the middle of an hour; hours of the week are made of halves, or quarters, alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils import Database

from mirrord.analytics.aggregate import Bucket
from mirrord.analytics.zones import Together, pieces
from mirrord.store import sums
from mirrord.store.codec import from_ms, to_ms
from mirrord.store.queries import Chosen, session_number
from mirrord.store.tally import SPANS

_HOUR: Final = SPANS["hours"]
_DAY: Final = 24 * _HOUR
_SHIFT: Final = 7 * _DAY  # so that no time is below 0, where SQLite would round upwards
_KEYS: Final = {
    "all": f"(start + ?) / {1 << 60}",
    "day": f"(start + ?) / {_DAY}",
    "week_hour": f"(start + ?) / {_HOUR} % {7 * 24}",
}
_WITHIN: Final = "start >= ? AND start < ?"
# The plus keeps SQLite from looking rows up by the whole span instead of by the hour.
_CUT_WITHIN: Final = "+start >= ? AND +start < ?"
_CUT: Final = "json_each(?) CROSS JOIN {table} ON start >= value AND start < value + {hour}"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch in which the clocks are `ahead` of UTC; all in milliseconds."""

    since: int
    until: int
    ahead: int


@dataclass(frozen=True, slots=True)
class _Source:
    """Rows to add up: a table, and which of them."""

    table: str
    where: str
    values: tuple[Any, ...]


def buckets(
    database: Database, width: sums.Width, chosen: Chosen, together: Together | None = None
) -> list[Bucket]:
    """Return what begins within the span, all sessions together.

    Each bucket by itself, the oldest first, or, in no order, as one what is `together`.
    """
    if together is None:
        return sums.buckets(database, width, chosen)
    session = session_number(database, chosen.session_id)
    key = _KEYS[together.what]
    found = sums.unfolded(database, width, chosen)
    for piece in _pieces(chosen, together):
        for source in _sources(width, piece, together):
            query = (
                f"SELECT min(start), {sums.SUMMED} FROM {source.table} WHERE {source.where}"
                f" AND ifnull(session = ?, true) GROUP BY {key}"
            )
            rows = database.execute(query, [*source.values, session, piece.ahead + _SHIFT])
            found += map(sums.bucket_of_row, rows)
    return found


def _pieces(chosen: Chosen, together: Together) -> list[_Piece]:
    since, until = chosen.span
    if together.what == "all":
        return [_Piece(since, until, 0)]
    return [
        _Piece(to_ms(one.since), to_ms(one.until), int(one.ahead.total_seconds() * 1000))
        for one in pieces(together.zone, from_ms(since), from_ms(until))
    ]


def _sources(width: sums.Width, piece: _Piece, together: Together) -> Iterator[_Source]:
    table = sums.TABLES[width]
    if width not in ("quarter", "half") or together.what == "week_hour":
        yield _Source(table, _WITHIN, (piece.since, piece.until))
        return
    cut = json.dumps(_cut_hours(piece, together))
    begin = piece.since // _HOUR * _HOUR
    whole = f"{_WITHIN} AND start NOT IN (SELECT value FROM json_each(?))"
    yield _Source("hours", whole, (begin, piece.until, cut))
    parts = _CUT.format(table=table, hour=_HOUR)
    yield _Source(parts, _CUT_WITHIN, (cut, piece.since, piece.until))


def _cut_hours(piece: _Piece, together: Together) -> list[int]:
    """Return the hours in whose midst a day, or the piece, begins or ends."""
    places = {piece.since, piece.until}
    if together.what == "day":
        midnight = -(-(piece.since + piece.ahead) // _DAY) * _DAY - piece.ahead
        places.update(range(midnight, piece.until, _DAY))
    return sorted({at // _HOUR * _HOUR for at in places if at % _HOUR})
