"""Reading everything out, in order of arrival, beside the mirror that goes on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlite_utils import Database

from mirrord.errors import ConfigError, Unavailable
from mirrord.store.failures import explain
from mirrord.store.opening import open_for_reading
from mirrord.store.queries import Chosen
from mirrord.store.schema import APPLICATION_ID
from mirrord.store.tally import SPANS, folded_to, state

Row = tuple[Any, ...]
_DEADLINE_S: Final = 30.0  # for a page
# Ids a page. Each page is a question of its own: so the log can be worked into the file meanwhile,
# and nothing that is deleted meanwhile is kept alive.
_WINDOW: Final = 4_000


@dataclass(frozen=True, slots=True)
class Span:
    """Ids from `first` to `last`, both included, between which the chosen readings lie."""

    first: int
    last: int


def span_of(path: Path, chosen: Chosen, after: UUID | None = None) -> Span:
    """Return between which ids the chosen readings behind the reading `after` lie now.

    Raises ConfigError if the file, the session or the reading `after` is not there, and Unavailable
    if the file does not answer.
    """
    with read_only(path) as database:
        first, last = _ends(database, chosen)
        behind = 0 if after is None else _number(database, after)
    return Span(max(first, behind + 1), last)


def pages(
    path: Path, chosen: Chosen, span: Span, columns: Sequence[str], response: Sequence[str] = ()
) -> Iterator[tuple[int, list[Row]]]:
    """Yield page by page the last id looked at, and rows; raise Unavailable.

    A row has the columns of the view `emotion_readings`, then those of `environment_responses`,
    which are None where there was no response.
    """
    nothing = (None,) * len(response)
    for first in range(span.first, span.last + 1, _WINDOW):
        window = Span(first, min(first + _WINDOW - 1, span.last))
        with read_only(path) as database:
            database.begin()
            rows = _rows(database, "emotion_readings", columns, chosen, window)
            answers: Mapping[int, Row] = {}
            if response and rows:
                answers = _rows(database, "environment_responses", response, chosen, window)
        yield window.last, [(*row, *answers.get(id, nothing)) for id, row in rows.items()]


def _rows(
    database: Database, view: str, columns: Sequence[str], chosen: Chosen, window: Span
) -> dict[int, Row]:
    since, until = chosen.span
    found = database.execute(
        f"SELECT number, {', '.join(columns)} FROM {view} WHERE number BETWEEN ? AND ?"
        " AND at >= ? AND at < ? AND ifnull(session_id = ?, true) ORDER BY number",
        [window.first, window.last, since, until, chosen.session_id],
    )
    return {number: row for number, *row in found}


def _ends(database: Database, chosen: Chosen) -> tuple[int, int]:
    """Return the first and the last id that the chosen readings may have; (1, 0) for none."""
    table, where, parameters = "minutes", "start > ? AND start < ?", _minutes(chosen)
    if chosen.session_id is not None:
        found = database.execute(
            "SELECT id FROM sessions WHERE session_id = ?", [chosen.session_id]
        )
        if (session := found.fetchone()) is None:
            raise ConfigError(f"there is no session {chosen.session_id[:100]!r}")
        table, where, parameters = "totals", "start = 0 AND session = ?", session
    first, last = database.execute(
        f"SELECT min(first_id), max(last_id) FROM {table} WHERE {where}", parameters
    ).fetchone()
    folded = folded_to(database)
    newest = database.execute("SELECT max(id) FROM readings").fetchone()[0] or 0
    oldest = database.execute("SELECT min(id) FROM readings").fetchone()[0] or 1
    if newest > folded:  # a few hundred that the aggregates do not know yet
        first, last = first or folded + 1, newest
    return max(first or 1, oldest), last or 0


def _minutes(chosen: Chosen) -> Sequence[int]:
    since, until = chosen.span
    return since - SPANS["minutes"], until


def _number(database: Database, reading: UUID) -> int:
    """Return the id behind a UUID: its first 48 bits; the others belong to the database."""
    text = str(reading)
    if not text.endswith(str(state(database, "uuid_tail"))):
        raise ConfigError(f"after: {text} is no reading of this database")
    return reading.int >> 80


@contextmanager
def read_only(path: Path) -> Iterator[Database]:
    """Yield a connection that cannot write.

    Raises ConfigError if there is no such file or it is another program's, and Unavailable.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; -c names the settings of the mirror")
    try:
        database = open_for_reading(path, _DEADLINE_S)
        try:
            if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise ConfigError(f"{path} is no database of a Mood Mirror")
            yield database
        finally:
            database.close()
    except sqlite3.Error as error:
        raise Unavailable(explain(path, error)) from None
