"""Taking from the outbox what is to be sent next, and settling what became of it.

Each of these is written in one transaction by the store (`Store.put`), or by a command beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
from sqlite_utils import Database

from mirrord.store.ledger import SendingBegins, SendingEnded
from mirrord.store.room import LeftOut, left_out
from mirrord.store.shared import set_item, share_again
from mirrord.sync_wire import MOST_BYTES, MOST_ITEMS, Item, Tally

LIVE_MS: Final = 600_000  # what is older when it is first sent is history
_ROOM: Final = 4_096  # of a batch's bytes, for what is around the items
_SHARING: Final = "sharing"

Fate = Literal["stored", "again", "aside", "later"]


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry of the outbox on its way, with its number."""

    number: int
    item: Item
    bytes: int


@dataclass(slots=True)
class Taking:
    """The next batch leaves: what has no answer yet first, then erasures, the newest, the oldest.

    From now on none of it changes, whatever happens. `egress` is noted in the ledger.
    """

    now_ms: int
    egress: SendingBegins
    most: int = MOST_ITEMS
    only_erasures: bool = False
    taken: list[Taken] = field(default_factory=list)
    durable: bool = True  # a power cut must not make us forget that it may have been sent

    def write(self, database: Database) -> None:
        rows = self._next(database)
        self.taken = [self._take(database, row) for row in rows]
        if not self.taken:
            return
        numbers = ", ".join(str(one.number) for one in self.taken)
        database.execute(f"UPDATE outbox SET state = 'sent' WHERE id IN ({numbers})")
        database.execute(
            "UPDATE shared SET sent = 1 WHERE session IN"
            f" (SELECT session FROM outbox WHERE id IN ({numbers}))"
        )
        self.egress.items = len(self.taken)
        self.egress.most_bytes += sum(one.bytes for one in self.taken)
        self.egress.write(database)

    def _next(self, database: Database) -> list[tuple[Any, ...]]:
        erasures = " AND kind = 'erase'" if self.only_erasures else ""
        order = "state = 'sent' DESC, kind = 'erase' DESC, at >= :live DESC, at, id"
        query = (  # the inner one is answered by an index alone
            "SELECT id, state, kind, at, item, bytes FROM outbox WHERE id IN (SELECT id FROM outbox"
            f" WHERE state IN ('sent', 'ready'){erasures} ORDER BY {order} LIMIT :most)"
            f" ORDER BY {order}"
        )
        values = {"live": self.now_ms - LIVE_MS, "most": self.most}
        rows = database.execute(query, values).fetchall()
        return _within(rows, MOST_BYTES - _ROOM)

    def _take(self, database: Database, row: tuple[Any, ...]) -> Taken:
        number, state, _, at, text, size = row
        item: Item = msgspec.json.decode(text, type=Item)
        if isinstance(item, Tally) and state == "ready" and at < self.now_ms - LIVE_MS:
            item = msgspec.structs.replace(item, is_historical=True)
            set_item(database, number, item)
        return Taken(number, item, size + 32)


def _within(rows: Sequence[tuple[Any, ...]], most_bytes: int) -> list[tuple[Any, ...]]:
    """Return as many rows as have room together, one at least; never answered and new ones mixed.

    What had no answer is sent again by itself: should the request be refused as a whole, it is
    known to be about those.
    """
    chosen: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        size += row[5] + 32
        if chosen and (size > most_bytes or row[1] != chosen[0][1]):
            break
        chosen.append(row)
    return chosen


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of entries that were sent. `again`: their session is shared once more."""

    fates: Sequence[tuple[int, Fate, str]]  # number, fate, reason
    ended: SendingEnded

    def write(self, database: Database) -> None:
        self.ended.write(database)
        for number, fate, reason in self.fates:
            if fate == "stored":
                database.execute("DELETE FROM outbox WHERE id = ?", [number])
            elif fate == "again":
                _again(database, number)
            else:
                database.execute(
                    "UPDATE outbox SET state = ?, reason = ? WHERE id = ?", [fate, reason, number]
                )


def _again(database: Database, number: int) -> None:
    found = database.execute("SELECT session FROM outbox WHERE id = ?", [number]).fetchone()
    if found is not None and found[0] is not None:
        share_again(database, found[0])


@dataclass(frozen=True, slots=True)
class Retried:
    """What was to be sent later, and what a person wants retried, is sent once more as it is."""

    aside: bool = False

    def write(self, database: Database) -> None:
        states = "('later', 'aside')" if self.aside else "('later')"
        database.execute(f"UPDATE outbox SET state = 'sent', reason = '' WHERE state IN {states}")


@dataclass(frozen=True, slots=True)
class SharingBegins:
    """Sessions that begin from now on are shared with the collective, as its mirror `mirror`.

    What was sent over an earlier link without an answer is set aside: whether it arrived there,
    and so would count twice, nobody knows.
    """

    mirror: str

    def write(self, database: Database) -> None:
        known = sharing_as(database)
        if known == self.mirror:
            return
        database.execute(
            "UPDATE outbox SET state = 'aside', reason = ? WHERE state = 'sent'",
            ["It was sent over the earlier link, and whether it arrived is not known."],
        )
        values = [_SHARING, self.mirror]
        database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", values)


@dataclass(frozen=True, slots=True)
class SharingEnds:
    """Nothing is shared any more, and nothing that waits is sent but, if wanted, erasures."""

    keep_erasures: bool = False

    def write(self, database: Database) -> None:
        kept = " WHERE kind <> 'erase'" if self.keep_erasures else ""
        database.execute(f"DELETE FROM outbox{kept}")
        database.execute("DELETE FROM shared")
        database.execute(f"DELETE FROM state WHERE key IN ('{_SHARING}', 'left_out')")


def sharing_as(database: Database) -> str:
    """Return as which mirror we share; "" if we do not."""
    row = database.execute("SELECT value FROM state WHERE key = ?", [_SHARING]).fetchone()
    return "" if row is None else str(row[0])


class Waiting(msgspec.Struct, frozen=True):
    """What the outbox holds: how many stretches wait, in how many bytes, and what was set aside."""

    open: int = 0  # minutes that are not over yet
    ready: int = 0
    unanswered: int = 0
    later: int = 0
    aside: int = 0
    bytes: int = 0
    oldest: int = 0  # ms since 1970; 0 for none
    left_out: LeftOut = LeftOut()


_NAMED: Final = {"sent": "unanswered"}


def waiting(database: Database) -> Waiting:
    """Return what waits."""
    rows = database.execute(
        "SELECT state, count(*), sum(bytes), min(CASE WHEN at > 0 THEN at END)"
        " FROM outbox GROUP BY state"
    ).fetchall()
    counts = {_NAMED.get(state, state): count for state, count, _, _ in rows}
    oldest = min((row[3] for row in rows if row[3]), default=0)
    size = sum(row[2] for row in rows)
    return Waiting(**counts, bytes=size, oldest=oldest, left_out=left_out(database))


class SetAside(msgspec.Struct, frozen=True):
    """Why how many items were set aside; `first` is the oldest's time, ms since 1970."""

    reason: str
    count: int
    first: int


def set_aside(database: Database, limit: int = 20) -> list[SetAside]:
    """Return what was set aside, by its reason."""
    rows = database.execute(
        "SELECT reason, count(*), min(at) FROM outbox WHERE state = 'aside'"
        " GROUP BY reason ORDER BY count(*) DESC LIMIT ?",
        [limit],
    )
    return [SetAside(*row) for row in rows]
