"""A device that can be killed at any moment, and what it and the collective hold.

The device is the real one from the database to the socket. Only its threads are missing: the book
is written by the loop itself, so that a kill is an exact moment and hundreds of lives take seconds.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlite_utils import Database

from mirrord.analytics.aggregate import MEASURES
from mirrord.config import SyncSettings
from mirrord.errors import Unavailable
from mirrord.runtime.backoff import Backoff
from mirrord.runtime.boot_clock import BootClock
from mirrord.store.book import Book
from mirrord.store.codec import from_ms, row_of, to_ms
from mirrord.store.dating import Dating
from mirrord.store.entries import Entry, ReadingTaken, SessionEnded, SessionStarted
from mirrord.store.failures import explain
from mirrord.store.items import added, session_end, tally_of_row
from mirrord.store.limits import Limits
from mirrord.store.opening import open_database
from mirrord.store.queries import Chosen
from mirrord.sync.link import Link, LinkFile
from mirrord.sync.post import Post
from mirrord.sync.sender import Sender
from mirrord.sync_wire import SessionEnd, Tally
from tests.store_kit import reading, response

T = TypeVar("T")
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
WORDS = ("angry", "happy", "sad", "neutral", "surprise", "unsure")


@dataclass
class SimClock:
    """A wall clock that a test moves, and a count since the start that only goes on."""

    wall: datetime = BEGIN
    since_boot: float = 40.0
    right: bool = True

    def now(self) -> datetime:
        return self.wall

    def now_ms(self) -> int:
        return to_ms(self.wall)

    def ms(self) -> int:
        return int(self.since_boot * 1000)

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.since_boot += seconds

    def jump(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)


class FullDisk(sqlite3.OperationalError):
    """What sqlite3 raises when there is no room."""

    sqlite_errorcode = sqlite3.SQLITE_FULL
    sqlite_errorname = "SQLITE_FULL"


@dataclass
class Device:
    """A mirror's records and its sender. `pending` is what a kill loses."""

    path: Path
    clock: SimClock = field(default_factory=SimClock)
    limits: Limits = field(default_factory=lambda: Limits(365, 500))
    timeout_s: float = 0.5
    rng: random.Random = field(default_factory=random.Random)
    boot: str = "boot-1"
    full: bool = False
    account: int = 0  # at the collective

    def __post_init__(self) -> None:
        self.pending: list[Entry] = []
        self.sending: asyncio.Task[float] | None = None
        self.begin()

    def begin(self) -> None:
        """Start it, as after a kill or for the first time."""
        self.database = open_database(self.path, self.limits, check=False)
        dating = Dating(self.boot, self.clock.ms, lambda: self.clock.right)
        self.book = Book(self.database, self.path, self.limits, self.clock.now, dating)
        self.book.close_left_open()
        self.file = LinkFile(self.path.with_name("collective.json"))
        boot_clock = BootClock(lambda: self.clock.right)
        post = Post(self, timeout_s=self.timeout_s, now_ms=self.clock.now_ms)
        backoff = Backoff(0.001, 0.01, 0.0, self.rng)
        self.sender = Sender(self, self.file, SyncSettings, boot_clock, post, backoff, self.rng)

    def kill(self) -> None:
        """End it as kill -9 does: what is not committed is gone, nothing is tidied."""
        if self.sending is not None:
            self.sending.cancel()
        self.pending.clear()
        self.database.close()

    def close(self) -> None:
        self.database.close()

    def restart(self) -> None:
        """Begin anew in good order."""
        self.flush()
        self.database.close()
        self.begin()

    # What the sender asks of the store.
    async def put(self, entry: Entry) -> None:
        await asyncio.sleep(0)
        self.flush()
        self._write([entry])

    async def ask(self, question: Callable[[Database], T]) -> T:
        await asyncio.sleep(0)
        return question(self.database)

    def flush(self) -> None:
        entries = list(self.pending)
        self._write(entries)
        del self.pending[: len(entries)]

    def _write(self, entries: list[Entry]) -> None:
        if self.full:
            raise Unavailable(explain(self.path, FullDisk("full")))
        assert self.book.write(entries) == 0

    # What the mirror does.
    def look(self, session: str, rng: random.Random) -> None:
        """Keep one reading, as it is now by the device's clock."""
        moods = {name: rng.randint(0, 10_000) / 10_000 for name in MEASURES[:4]}
        plane = {name: rng.randint(-10_000, 10_000) / 10_000 for name in MEASURES[4:]}
        at = self.clock.now() + timedelta(milliseconds=rng.randint(0, 999))
        seen = reading(at, **moods, **plane, expression=rng.choice(WORDS), track=rng.randint(1, 2))
        row = row_of(seen, response() if rng.random() < 0.7 else None, at)
        self.pending.append(ReadingTaken(session, row, since_boot=self._undated()))

    def start(self, session: str) -> None:
        self.pending.append(
            SessionStarted(session, self.clock.now_ms(), "mirror", since_boot=self._undated())
        )

    def end(self, session: str) -> None:
        self.pending.append(SessionEnded(session, self.clock.now_ms(), self._undated()))

    def forget(self, what: Chosen) -> None:
        with suppress(Unavailable):
            self.flush()
            self.book.forget(what)

    def forget_session(self, session: str) -> None:
        self.forget(Chosen(session))

    def _undated(self) -> int | None:
        return None if self.clock.right else self.clock.ms()

    async def send(self) -> None:
        """Let the sender do all that it can now."""
        self.sending = asyncio.ensure_future(self.sender.turn())
        await self.sending
        self.sending = None

    async def settle(self, tries: int = 60) -> None:
        """Peace: send until nothing waits."""
        for _ in range(tries):
            self.flush()
            self.sender._later_s = 0.0
            await self.send()
            if not self.sender.status.problem and not self.waits():
                return
            self.clock.pass_(61)
            await asyncio.sleep(0.005)
        raise AssertionError(f"still waits: {self.waits()} {self.sender.status}")

    def waits(self) -> list[tuple[Any, ...]]:
        return self.database.execute(
            "SELECT state, count(*), max(reason) FROM outbox GROUP BY state"
        ).fetchall()

    def shared(self) -> dict[str, int]:
        """Return the sessions that are shared, by their name at the collective."""
        return dict(self.database.execute("SELECT name, session FROM shared").fetchall())

    def held(self) -> tuple[dict[str, Tally], dict[str, SessionEnd], dict[Any, Tally]]:
        """Return what the device says: each shared session added up, its end, and each minute."""
        minutes: dict[Any, Tally] = {}
        ends = {}
        for name, session in self.shared().items():
            rows = self.database.execute("SELECT start FROM minutes WHERE session = ?", [session])
            for (start,) in rows.fetchall():
                tally = tally_of_row(self.database, session, start)
                assert tally is not None
                minutes[name, start] = tally
            end = session_end(self.database, session)
            if end is not None:
                ends[name] = end
        return totals(minutes.values()), ends, minutes


def totals(tallies: Iterable[Tally]) -> dict[str, Tally]:
    """Add stretches of any width up by session."""
    found: dict[str, Tally] = {}
    for tally in tallies:
        plain = msgspec.structs.replace(tally, start=0, width="minute", is_historical=False)
        known = found.get(tally.session)
        found[tally.session] = plain if known is None else added(known, plain)
    return found


def linked(device: Device, url: str, mirror: str = "m1", credential: str = "c" * 24) -> None:
    """Link a device without asking anybody."""
    far = 1 << 41
    link = Link(url, "linked", "Mirror", mirror=mirror, user="ann", credential=credential)
    device.file.write(link.changed(begins=device.clock.now_ms(), expires=far))
    if not device.database.execute("SELECT 1 FROM state WHERE key = 'sharing'").fetchone():
        device.database.execute("INSERT INTO state VALUES ('sharing', ?)", [mirror])
        device.database.conn.commit()


def by_width(tallies: Iterable[Tally]) -> Counter[str]:
    return Counter(tally.width for tally in tallies)


def at(seconds: float) -> datetime:
    return from_ms(to_ms(BEGIN)) + timedelta(seconds=seconds)
