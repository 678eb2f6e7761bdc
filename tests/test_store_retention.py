"""What is too old or too much goes, the rest stays, and a wrong clock deletes nothing."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mirrord.store import Store
from mirrord.store.book import Book
from mirrord.store.codec import row_of, to_ms
from mirrord.store.entries import CameraLogged, Entry, ReadingTaken, SessionEnded
from mirrord.store.keeper import Keeper
from mirrord.store.limits import Limits, SteadyClock
from mirrord.store.opening import open_database
from tests.store_kit import EVER, START, after, fill, reading, response, tracks

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mirror.sqlite3"


def opened(path: Path, keep_days: float = 365, max_mb: float = 500) -> Book:
    limits = Limits(keep_days, max_mb)
    return Book(open_database(path, limits, check=False), path, limits)


def taken(at: datetime, track: int, session: str = "s") -> Entry:
    return ReadingTaken(session, row_of(reading(at, track=track), response(), at))


def tidy(book: Book, now: datetime | None = None) -> None:
    while book.tidy(now):
        pass


def count(path: Path, table: str) -> int:
    database = sqlite3.connect(path)
    number: int = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    database.close()
    return number


async def test_readings_go_after_their_days_and_aggregates_later(path: Path) -> None:
    book = opened(path, keep_days=10)
    for day in range(100):
        session = f"day {day}"
        at = START + day * DAY
        book.write([taken(at, day, session), SessionEnded(session, to_ms(at))])
    tidy(book, START + 99 * DAY)
    figures = book.figures()
    book.close()
    assert figures.readings == 11
    assert figures.oldest == START + 89 * DAY
    assert await tracks(path) == list(range(89, 100))
    assert count(path, "minutes") == 41
    assert count(path, "hours") == count(path, "sessions") == count(path, "totals") == 100
    book = opened(path, keep_days=10)
    tidy(book, START + 250 * DAY)
    assert book.figures().readings == 0
    book.close()
    assert count(path, "minutes") == 0
    assert count(path, "sessions") == count(path, "totals") == 50
    async with Store.open(path) as store:
        assert len(await store.hours(**EVER)) == 50


async def test_readings_of_a_wrong_clock_neither_stay_for_ever_nor_hold_up_others(
    path: Path,
) -> None:
    book = opened(path, keep_days=10)
    ahead = [taken(START + 4000 * DAY, number) for number in range(700)]
    behind = [taken(datetime(1970, 1, 1, tzinfo=UTC), number) for number in range(700, 710)]
    old = [taken(START, number) for number in range(710, 1400)]
    fresh = [taken(START + 100 * DAY, number) for number in range(1400, 1410)]
    for batch in (ahead, behind, old, fresh):
        book.write(batch)
    book.finish()
    tidy(book, START + 100 * DAY)
    book.close()
    assert await tracks(path) == [*range(700), *range(1400, 1410)]


async def test_the_file_stays_within_its_size_for_ever(path: Path) -> None:
    book = opened(path, max_mb=1)
    largest = 0
    for first in range(0, 16_000, 50):
        batch = [taken(after(7 * number), number) for number in range(first, first + 50)]
        book.write(batch)
        book.tidy(None)
        largest = max(largest, book.figures().bytes)
    figures = book.figures()
    book.close()
    assert largest <= 1_000_000
    assert path.stat().st_size > 600_000  # the room is used
    kept = await tracks(path)
    assert kept == list(range(16_000 - len(kept), 16_000))
    assert len(kept) == figures.readings > 2_000
    assert count(path, "minutes") > 250


async def test_sessions_without_readings_stay_within_the_size_as_well(path: Path) -> None:
    book = opened(path, max_mb=1)
    for first in range(0, 4_000, 20):
        batch: list[Entry] = []
        for number in range(first, first + 20):
            at, session = after(3600 * number), f"{number:0100}"
            batch += [taken(at, number, session), SessionEnded(session, to_ms(at))]
            batch += [CameraLogged("off", number)] * 5
        book.write(batch)
        book.tidy(None)
    size = book.figures().bytes
    book.close()
    assert size <= 1_000_000
    assert 100 < count(path, "sessions") < 4_000
    assert count(path, "totals") == count(path, "sessions")
    async with Store.open(path) as store:
        newest = (await store.sessions())[0]
    assert newest.session_id == f"{3999:0100}"


async def test_a_smaller_size_makes_an_old_file_smaller(path: Path) -> None:
    async with Store.open(path) as store:
        await fill(store, 20_000)
    assert path.stat().st_size > 1_200_000
    book = opened(path, max_mb=1)
    tidy(book)
    book.close()
    assert path.stat().st_size <= 1_000_000
    kept = await tracks(path)
    assert kept == list(range(20_000 - len(kept), 20_000))


def test_tidying_begins_by_itself_once_the_clock_is_believed(path: Path) -> None:
    passed_s = 0.0
    keeper = Keeper(
        path, Limits(10, 500), lambda: START + 99 * DAY + passed_s * SECOND, lambda: passed_s
    )
    keeper.open()
    old = [taken(START, 1), SessionEnded("s", to_ms(START)), taken(START + 99 * DAY, 2)]
    assert keeper.write(old).figures.readings == 2
    passed_s = 300.0
    assert keeper.write([]).figures.readings == 2
    passed_s = 700.0
    written = keeper.write([])
    assert (written.figures.readings, written.figures.oldest) == (1, START + 99 * DAY)
    keeper.close()


def test_a_clock_is_believed_once_it_has_kept_step_for_ten_minutes() -> None:
    now, passed_s = START, 0.0

    def pass_by(seconds: float) -> None:
        nonlocal now, passed_s
        now += timedelta(seconds=seconds)
        passed_s += seconds

    clock = SteadyClock(lambda: now, lambda: passed_s)
    assert clock.trusted() is None
    pass_by(599)
    assert clock.trusted() is None
    pass_by(2)
    assert clock.trusted() == now
    now += timedelta(days=3000)  # the network came, or the battery went
    assert clock.trusted() is None
    pass_by(300)
    assert clock.trusted() is None
    now -= timedelta(days=3000)
    assert clock.trusted() is None
    pass_by(601)
    assert clock.trusted() == now
