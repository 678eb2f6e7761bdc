"""Aggregates: what stretches of readings add up to, kept so that no question rescans the readings.

Three tables of one shape: `minutes` and `hours` of each session, and `totals`, each whole session
(its `start` is always 0). A reading is folded into all three once: `state.folded_to` is the last
that was. Those behind it, a few hundred at most, are added to the answers when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils import Database

from mirrord.store.failures import Damaged
from mirrord.store.words import EXPRESSION_WORDS, MOOD_WORDS

MEASURES: Final = (*MOOD_WORDS, "valence", "arousal")
SPANS: Final[Mapping[str, int]] = {"minutes": 60_000, "hours": 3_600_000, "totals": 0}

# An extreme and its time share one integer, value * MOMENT + time, so that the smallest or largest
# of many brings its time along. Times reach 2**42 ms: the year 2109.
MOMENT: Final = 1 << 42

_ADDED = {
    "total": "count(*)",
    **{f"dominant_{mood}": f"sum(dominant = {code})" for code, mood in enumerate(MOOD_WORDS)},
    **{f"saw_{word}": f"sum(expression = {code})" for code, word in enumerate(EXPRESSION_WORDS)},
    **{f"{name}_sum": f"sum({name})" for name in MEASURES},
    **{f"{name}_squares": f"sum({name} * {name})" for name in MEASURES},
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


def create_tally(table: str) -> str:
    """Return the statement that makes one of the three tables."""
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in COLUMNS)
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


def fold(database: Database) -> None:
    """Add the readings that are not in the aggregates yet. Call it within a transaction."""
    since = folded_to(database)
    for table in SPANS:
        database.execute(_fold_sql(table), [since])
    database.execute(
        "UPDATE state SET value = value + (SELECT count(*) FROM readings WHERE id > ?)"
        " WHERE key = 'kept'",
        [since],
    )
    database.execute(
        "UPDATE state SET value = max(value, ifnull((SELECT max(id) FROM readings), 0))"
        " WHERE key = 'folded_to'"
    )


def tally_sql(table: str) -> str:
    """Return a query for the aggregates of the readings with an id above its one parameter."""
    columns = ", ".join(f"{value} AS {name}" for name, value in COLUMNS.items())
    return (
        f"SELECT {_start(table)} AS start, session, {columns} FROM readings WHERE id > ?"
        " GROUP BY 1, 2"
    )


def _start(table: str) -> str:
    width = SPANS[table]
    return f"at / {width} * {width}" if width else "0"


def _fold_sql(table: str) -> str:
    added = [f"{name} = {name} + excluded.{name}" for name in _ADDED]
    least = [f"{name} = min({name}, excluded.{name})" for name in _LEAST]
    most = [f"{name} = max({name}, excluded.{name})" for name in _MOST]
    names = ", ".join(("start", "session", *COLUMNS))
    return (
        f"INSERT INTO {table} ({names}) {tally_sql(table)}"
        f" ON CONFLICT (start, session) DO UPDATE SET {', '.join(added + least + most)}"
    )
