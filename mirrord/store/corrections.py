"""What people corrected: the table, what is written to it, what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils import Database

from mirrord.correction import Correction
from mirrord.model import EXPRESSIONS, Expression
from mirrord.store.codec import from_ms, to_ms
from mirrord.store.moments import MODE_LOG
from mirrord.store.words import EXPRESSION_WORDS, UNIT

_SHARES: Final = ", ".join(f"{name} INTEGER NOT NULL" for name in EXPRESSIONS)
# `at`, `undone`: milliseconds since 1970, UTC. The seven shares, before any correction, in
# ten-thousandths. `should_be`: as `readings.expression`.
_TABLE: Final = (
    "CREATE TABLE corrections (number INTEGER PRIMARY KEY, id TEXT NOT NULL,"
    f" at INTEGER NOT NULL, {_SHARES}, should_be INTEGER NOT NULL, undone INTEGER) STRICT"
)


def create_corrections(database: Database) -> None:
    """What people corrected, and which mode was on when."""
    database.execute(_TABLE)
    database.execute(MODE_LOG)


@dataclass(frozen=True, slots=True)
class CorrectionMade:
    """Somebody said what should have been."""

    correction: Correction

    def write(self, database: Database) -> None:
        one = self.correction
        names = ", ".join(EXPRESSIONS)
        database.execute(
            f"INSERT INTO corrections (id, at, {names}, should_be)"
            f" VALUES (?, ?, {', '.join('?' * len(EXPRESSIONS))}, ?)",
            [
                one.id,
                to_ms(one.at),
                *(round(UNIT * one.seen[name]) for name in EXPRESSIONS),
                EXPRESSION_WORDS.index(one.should_be),
            ],
        )


@dataclass(frozen=True, slots=True)
class CorrectionUndone:
    """One correction, or all (None), counts no longer; what was undone before stays so."""

    id: str | None
    at: int

    def write(self, database: Database) -> None:
        database.execute(
            "UPDATE corrections SET undone = ? WHERE undone IS NULL AND ifnull(id = ?, true)",
            [self.at, self.id],
        )


def corrections(database: Database) -> list[Correction]:
    """Return all corrections, the newest first; those that were undone, too."""
    rows = database.query("SELECT * FROM corrections ORDER BY number DESC")
    return [_correction(row) for row in rows]


def _correction(row: dict[str, Any]) -> Correction:
    should_be: Expression = EXPRESSIONS[row["should_be"]]
    return Correction(
        row["id"],
        from_ms(row["at"]),
        {name: row[name] / UNIT for name in EXPRESSIONS},
        should_be,
        None if row["undone"] is None else from_ms(row["undone"]),
    )
