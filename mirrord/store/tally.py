"""Aggregates: what stretches of readings add up to, kept so that no question rescans the readings.

Five tables of one shape: `minutes`, `quarters` and `halves` of an hour, `hours` of each session;
and `totals`, each whole session (its `start` is always 0). A reading is folded into all of them
once: `state.folded_to` is the last that was. Those behind it, a few hundred at most, are added to
the answers when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from mirrord.analytics.aggregate import MEASURES
from mirrord.store.failures import Damaged
from mirrord.store.words import EXPRESSION_WORDS, MOOD_WORDS

SPANS: Final[Mapping[str, int]] = {  # in milliseconds
    "minutes": 60_000,
    "quarters": 900_000,
    "halves": 1_800_000,
    "hours": 3_600_000,
    "totals": 0,
}

# An extreme and its time share one integer, value * MOMENT + time, so that the smallest or largest
# of many brings its time along. Times reach 2**42 ms: the year 2109.
MOMENT: Final = 1 << 42

_ADDED = {
    "total": "count(*)",
    **{f"dominant_{mood}": f"sum(dominant = {code})" for code, mood in enumerate(MOOD_WORDS)},
    **{f"saw_{word}": f"sum(expression = {code})" for code, word in enumerate(EXPRESSION_WORDS)},
    **{f"{name}_sum": f"sum({name})" for name in MEASURES},
    **{f"{name}_squares": f"sum({name} * {name})" for name in MEASURES},
    "answered": "count(response_ms)",
}
_LEAST = {
    "first_id": "min(id)",
    "first_at": "min(at)",
    **{f"{name}_low": f"min({name} * {MOMENT} + at)" for name in MEASURES},
}
_MOST = {  # the earliest of equal highs wins too, hence the time counted downwards
    "last_id": "max(id)",
    "last_at": "max(at)",
    **{f"{name}_high": f"max({name} * {MOMENT} + {MOMENT - 1} - at)" for name in MEASURES},
}
COLUMNS: Final = {**_ADDED, **_LEAST, **_MOST}


MERGED: Final = {  # how columns of several rows become those of one
    **{name: f"sum({name})" for name in _ADDED},
    **{name: f"min({name})" for name in _LEAST},
    **{name: f"max({name})" for name in _MOST},
}
NAMES: Final = ", ".join(("start", "session", *COLUMNS))


def create_tally(table: str, without: Sequence[str] = ()) -> str:
    """Return the statement that makes one of the tables."""
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in COLUMNS if name not in without)
    return (
        f"CREATE TABLE {table} (start INTEGER NOT NULL, session INTEGER NOT NULL, {columns},"
        " PRIMARY KEY (start, session)) STRICT"
    )


def folded_to(database: Database) -> int:
    """Return the id of the last reading that the aggregates contain."""
    return int(state(database, "folded_to"))


def state(database: Database, key: str) -> Any:
    """Return a value of the table `state`. Raises Damaged if it is not there."""
    row = database.execute("SELECT value FROM state WHERE key = ?", [key]).fetchone()
    if row is None:
        raise Damaged(f"state.{key} is missing")
    return row[0]


# What `state` counts of the folded readings that are in the file: all, and those with a response.
KEPT: Final = {"kept": "count(*)", "kept_answered": "count(response_ms)"}


def tally_sql(table: str, where: str = "id > ?") -> str:
    """Return a query for the aggregates of readings, by default those with an id above a `?`."""
    columns = ", ".join(f"{value} AS {name}" for name, value in COLUMNS.items())
    return (
        f"SELECT {span_start(table, 'at')} AS start, session, {columns} FROM readings WHERE {where}"
        " GROUP BY 1, 2"
    )


def merge_sql(table: str, source: str, where: str = "true") -> str:
    """Return a query that adds up the rows of a finer table to those of `table`."""
    columns = ", ".join(f"{value} AS {name}" for name, value in MERGED.items())
    start = span_start(table, "start")
    return f"SELECT {start} AS start, session, {columns} FROM {source} WHERE {where} GROUP BY 1, 2"


def span_start(table: str, time: str) -> str:
    """Return an expression for when the stretch of `table` begins that a time belongs to."""
    width = SPANS[table]
    return f"{time} / {width} * {width}" if width else "0"


ADD_UP: Final = ", ".join(
    (
        *(f"{name} = {name} + excluded.{name}" for name in _ADDED),
        *(f"{name} = min({name}, excluded.{name})" for name in _LEAST),
        *(f"{name} = max({name}, excluded.{name})" for name in _MOST),
    )
)
