"""Reading out the short lists beside the readings: sessions, and what people corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from mirrord.model import EXPRESSIONS
from mirrord.store.codec import from_ms
from mirrord.store.exporting import read_only
from mirrord.store.queries import Chosen
from mirrord.store.words import EXPRESSION_WORDS, UNIT

List = Literal["sessions", "corrections"]
_ROWS: Final = 1_000
_QUERIES: Final[Mapping[List, tuple[str, str]]] = {  # the rows, and the time that places one
    "sessions": (
        "SELECT v.*, s.started AS placed FROM emotion_sessions v"
        " JOIN sessions s ON s.id = v.number WHERE v.number > ?",
        "s.started",
    ),
    "corrections": ("SELECT v.*, v.at AS placed FROM corrections v WHERE v.number > ?", "v.at"),
}


def listed(
    path: Path, what: List, chosen: Chosen, columns: Sequence[str]
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield pages of rows with these columns, in order of arrival. Raises as `span_of`.

    Sessions are chosen by when they began, corrections by when they were made.
    """
    query, placed = _QUERIES[what]
    by_session = " AND v.session_id = ?" if chosen.session_id is not None else ""
    last = 0
    while True:
        with read_only(path) as database:
            found = list(
                database.query(
                    f"{query} AND {placed} >= ? AND {placed} < ?{by_session}"
                    f" ORDER BY v.number LIMIT {_ROWS}",
                    [last, *chosen.span, *([chosen.session_id] if by_session else [])],
                )
            )
        if not found:
            return
        last = found[-1]["number"]
        made = _session if what == "sessions" else _correction
        yield [tuple(made(row)[name] for name in columns) for row in found]


def _session(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"is_active": bool(row["is_active"])}


def _correction(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": _iso(row["at"]),
        **{name: row[name] / UNIT for name in EXPRESSIONS},
        "should_be": EXPRESSION_WORDS[row["should_be"]],
        "undone_at": _iso(row["undone"]),
    }


def _iso(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return from_ms(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
