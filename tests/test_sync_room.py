"""Weeks without a connection: bounded, exact, and nothing is dropped unsaid."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from mirrord.analytics.aggregate import MEASURES, WORDS
from mirrord.model import MOODS
from mirrord.store.items import added
from mirrord.store.limits import Limits
from mirrord.store.room import left_out, waiting_bytes
from mirrord.sync_wire import Tally
from tests.fakes.collective import FakeCollective, serving
from tests.sync_kit import Device, linked, totals

DAYS = 28
MB = 0.15
VISITS = (7 * 60, 12 * 60 + 30, 18 * 60)  # minutes of a day
LONG = 16  # minutes


def weeks(device: Device, days: int, rng: random.Random, long: int = LONG, first: int = 0) -> int:
    """Live three visits a day; return the most that ever waited."""
    most = 0
    for day in range(first, first + days):
        for begin in VISITS:
            name = f"{day} {begin}"
            device.start(name)
            for _ in range(long):
                for _ in range(2):
                    device.look(name, rng)
                    device.clock.pass_(30)
                device.flush()
            device.end(name)
            device.flush()
            most = max(most, waiting_bytes(device.database))
            device.clock.pass_(86_400 / len(VISITS) - long * 60)
    return most


async def test_four_weeks_offline_have_room_and_count_exactly(tmp_path: Path) -> None:
    device, fake = (
        Device(tmp_path / "mirror.sqlite3", limits=Limits(365, 500, MB)),
        FakeCollective(),
    )
    device.timeout_s = 20.0
    device.restart()
    fake.now, fake.credential, fake.expires = device.clock.now_ms, "c" * 24, 1 << 41
    linked(device, "http://127.0.0.1:9")
    most = weeks(device, DAYS, random.Random(4))
    assert most <= MB * 1e6 + 2_000
    folded = device.path.stat().st_size
    await device.send()
    assert device.sender.status.problem == "unreachable"
    assert left_out(device.database).items == 0
    async with serving(fake):
        linked(device, fake.url)
        await device.settle()
        sums, ends, minutes = device.held()
        widths = Counter(one.width for one in fake.tallies.values())
        assert min(widths["hour"], widths["minute"]) > 0
        assert sum(widths.values()) < len(minutes) / 3
        assert totals(fake.tallies.values()) == sums
        assert fake.sessions == ends
        assert len(ends) == DAYS * len(VISITS)
        assert all(one.is_historical for one in list(fake.tallies.values())[5:])
    device.close()
    assert folded < 20e6


async def test_what_has_no_room_even_as_days_is_counted_and_said(tmp_path: Path) -> None:
    device = Device(tmp_path / "mirror.sqlite3", limits=Limits(365, 500, 0.006))
    linked(device, "http://127.0.0.1:9")
    weeks(device, 4, random.Random(5), long=4)
    waiting = device.database.execute("SELECT item FROM outbox WHERE kind = 'tally'").fetchall()
    waits = sum(msgspec.json.decode(item, type=Tally).readings for (item,) in waiting if item)
    gone = left_out(device.database)
    assert waiting_bytes(device.database) <= 6_000
    assert gone.readings + waits == 4 * 3 * 4 * 2
    assert 0 < gone.since < gone.until
    device.close()


def test_what_was_sent_without_an_answer_is_never_folded(tmp_path: Path) -> None:
    device = Device(tmp_path / "mirror.sqlite3")
    linked(device, "http://127.0.0.1:9")
    weeks(device, 1, random.Random(6), long=10)
    sent = "SELECT id, item FROM outbox WHERE kind = 'tally' ORDER BY id LIMIT 7"
    before = device.database.execute(sent).fetchall()
    numbers = ", ".join(str(number) for number, _ in before)
    device.database.execute(f"UPDATE outbox SET state = 'sent' WHERE id IN ({numbers})")
    device.database.conn.commit()
    device.limits = Limits(365, 500, 0.004)
    device.restart()
    weeks(device, 1, random.Random(6), long=10, first=1)
    assert left_out(device.database).items > 0  # although there is no room for the others
    after = f"SELECT id, item FROM outbox WHERE id IN ({numbers}) AND state = 'sent'"
    assert device.database.execute(after).fetchall() == before
    device.close()


units = st.integers(-10_000, 10_000)
extremes = st.tuples(*[st.tuples(units, st.integers(0, 1 << 42))] * len(MEASURES))
counts = st.integers(0, 1000)
tallies = st.builds(
    Tally,
    session=st.just("s"),
    start=st.just(0),
    readings=st.integers(1, 1000),
    answered=counts,
    dominant=st.tuples(*[counts] * len(MOODS)),
    expressions=st.tuples(*[counts] * len(WORDS)),
    sums=st.tuples(*[st.integers(-(10**9), 10**9)] * len(MEASURES)),
    squares=st.tuples(*[st.integers(0, 10**12)] * len(MEASURES)),
    lows=extremes,
    highs=extremes,
)


@given(tallies, tallies, tallies)
def test_stretches_add_up_in_any_order(one: Tally, two: Tally, three: Tally) -> None:
    assert added(added(one, two), three) == added(one, added(two, three))
    assert added(one, two) == added(two, one)


@given(tallies, tallies)
def test_of_equal_extremes_the_earlier_is_kept(one: Tally, two: Tally) -> None:
    both = added(one, two)
    for low, a, b in zip(both.lows, one.lows, two.lows, strict=True):
        assert low == min(a, b)
    for high, a, b in zip(both.highs, one.highs, two.highs, strict=True):
        assert high == min((a, b), key=lambda extreme: (-extreme[0], extreme[1]))
