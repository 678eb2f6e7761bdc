"""Every byte that left the house: when, where to, what kind, how many.

A request is noted before it is sent, with what it takes at most, and afterwards with what it took:
a mirror that is killed in between has rather noted too much. After a month a day is one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import msgspec
from sqlite_utils import Database

from mirrord.store.codec import from_ms

Kind = Literal["enrol", "claim", "rotate", "about", "leave", "erase", "sync", "update"]
NOT_OF_THE_COLLECTIVE: Final = "update"
TABLE: Final = (
    "CREATE TABLE ledger ("
    " id INTEGER PRIMARY KEY,"
    " at INTEGER NOT NULL,"
    " place TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " requests INTEGER NOT NULL DEFAULT 1,"
    " items INTEGER NOT NULL DEFAULT 0,"
    " bytes INTEGER NOT NULL,"
    " outcome TEXT NOT NULL"
    ") STRICT"
)
_DAY_MS: Final = 86_400_000
_FINE_DAYS: Final = 31
SUMMED: Final = "a day"
BEGUN: Final = "begun"


class Egress(msgspec.Struct, frozen=True):
    """A request, or after a month all of a kind and a day (UTC). Headers and TLS are counted."""

    at: datetime
    place: str
    kind: Kind
    requests: int
    items: int
    bytes: int
    outcome: str


@dataclass(slots=True)
class SendingBegins:
    """A request is about to be sent; `number` is its row, once it is written."""

    sent_ms: int
    place: str
    kind: Kind
    most_bytes: int
    items: int = 0
    number: int = 0
    durable: bool = True

    def write(self, database: Database) -> None:
        written = database.execute(
            "INSERT INTO ledger (at, place, kind, items, bytes, outcome) VALUES (?, ?, ?, ?, ?, ?)",
            [self.sent_ms, self.place, self.kind, self.items, self.most_bytes, BEGUN],
        )
        self.number = written.lastrowid or 0


@dataclass(frozen=True, slots=True)
class SendingEnded:
    """What it took, and what came of it."""

    number: int
    bytes: int
    outcome: str

    def write(self, database: Database) -> None:
        database.execute(
            "UPDATE ledger SET bytes = ?, outcome = ? WHERE id = ?",
            [self.bytes, self.outcome, self.number],
        )


def sum_days(database: Database, since: int, until: int) -> None:
    """Make each day that begins within the span one row for each place and kind."""
    whole = (since // _DAY_MS * _DAY_MS, until // _DAY_MS * _DAY_MS)
    where = "at >= ? AND at < ?"
    database.execute("DROP TABLE IF EXISTS temp.days")
    database.execute(
        f"CREATE TEMP TABLE days AS SELECT at / {_DAY_MS} * {_DAY_MS} AS at, place, kind,"
        " sum(requests) AS requests, sum(items) AS items, sum(bytes) AS bytes FROM ledger"
        f" WHERE {where} GROUP BY 1, 2, 3",
        whole,
    )
    database.execute(f"DELETE FROM ledger WHERE {where}", whole)
    database.execute(
        "INSERT INTO ledger (at, place, kind, requests, items, bytes, outcome)"
        f" SELECT at, place, kind, requests, items, bytes, '{SUMMED}' FROM temp.days ORDER BY at"
    )
    database.execute("DROP TABLE temp.days")


def tidy_ledger(database: Database, now_ms: int) -> None:
    """Sum up the days that are more than a month old."""
    until = now_ms - _FINE_DAYS * _DAY_MS
    query = "SELECT 1 FROM ledger WHERE at < ? AND outcome <> ? LIMIT 1"
    old = [until // _DAY_MS * _DAY_MS, SUMMED]
    if database.execute(query, old).fetchone():
        sum_days(database, 0, until)


def egress(database: Database, limit: int, before: int = 1 << 62) -> list[Egress]:
    """Return what left, the newest first."""
    rows = database.execute(
        "SELECT at, place, kind, requests, items, bytes, outcome FROM ledger WHERE id < ?"
        " ORDER BY at DESC, id DESC LIMIT ?",
        [before, limit],
    )
    return [Egress(from_ms(row[0]), *row[1:]) for row in rows]


def egress_total(database: Database, but: str = "") -> tuple[int, int]:
    """Return how many requests and bytes have left in all, but for those of a kind."""
    query = "SELECT ifnull(sum(requests), 0), ifnull(sum(bytes), 0) FROM ledger WHERE kind <> ?"
    requests, size = database.execute(query, [but]).fetchone()
    return int(requests), int(size)
