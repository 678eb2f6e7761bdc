"""What has been forgotten may still wait in a running mirror's memory: it is barred from the file.

Whoever deletes notes it in `state`, in the same transaction; whoever writes a batch leaves out what
is noted. So `mirrord forget` works beside a running mirror as well as within it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import msgspec
from sqlite_utils import Database

from mirrord.store.codec import to_ms
from mirrord.store.corrections import CorrectionMade
from mirrord.store.entries import Entry, ReadingTaken, SessionEnded, SessionMade, SessionStarted
from mirrord.store.queries import Chosen

_KEY: Final = "barred"
_MOST: Final = 100
_KEPT_MS: Final = 7 * 86_400_000  # nothing waits in memory for longer


class Bar(msgspec.Struct, frozen=True, array_like=True):
    """What was forgotten when: times in ms since 1970, the session as a digest of its name."""

    asked_at: int
    since: int
    until: int
    session: str

    def holds(self, at: int, session_id: str | None) -> bool:
        """Return whether an entry from before the asking belongs to it."""
        if self.session and (session_id is None or _digest(session_id) != self.session):
            return False
        return self.since <= at < min(self.until, self.asked_at)


def bar(database: Database, chosen: Chosen, now_ms: int) -> None:
    """Note that the chosen has been forgotten. Call it within the transaction that deletes."""
    since, until = chosen.span
    session = _digest(chosen.session_id) if chosen.session_id else ""
    known = [one for one in _bars(database) if 0 <= now_ms - one.asked_at < _KEPT_MS]
    bars = [*known, Bar(now_ms, since, until, session)][-_MOST:]
    text = msgspec.json.encode(bars).decode()
    database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [_KEY, text])


def last_barred(database: Database) -> int:
    """Return when something was last forgotten, in ms since 1970; 0 for never."""
    return max((one.asked_at for one in _bars(database)), default=0)


def not_barred(database: Database, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the entries that may be written. Call it within the transaction that writes them."""
    bars = _bars(database)
    return list(_allowed(entries, bars)) if bars else entries


def _allowed(entries: Sequence[Entry], bars: Sequence[Bar]) -> Iterator[Entry]:
    for entry in entries:
        at, session_id = _place(entry)
        held = next((one for one in bars if at is not None and one.holds(at, session_id)), None)
        if held is None:
            yield entry
        elif isinstance(entry, SessionEnded):  # it ended, but when is forgotten
            yield replace(entry, at=held.since)


def _place(entry: Entry) -> tuple[int | None, str | None]:
    """Return when an entry is from, None for one without a time, and its session."""
    if isinstance(entry, ReadingTaken):
        return entry.row[0], entry.session_id
    if isinstance(entry, SessionStarted | SessionEnded):
        return entry.at, entry.session_id
    if isinstance(entry, SessionMade):
        return entry.session.at, entry.session.session_id
    if isinstance(entry, CorrectionMade):
        return to_ms(entry.correction.at), None
    return getattr(entry, "at", None), None  # a log's entry, or a setting


def _bars(database: Database) -> list[Bar]:
    row = database.execute("SELECT value FROM state WHERE key = ?", [_KEY]).fetchone()
    return [] if row is None else msgspec.json.decode(row[0], type=list[Bar])


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()[:16]
