"""What is recorded before the clock was set is dated right, here and at the collective."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from mirrord.store.codec import to_ms
from mirrord.store.room import left_out
from tests.fakes.collective import FakeCollective, serving
from tests.store_dump import as_kept, folded_anew
from tests.sync_kit import BEGIN, Device, SimClock, linked, totals

RNG = random.Random(3)
PAST = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)


def look(device: Device, session: str, seconds: int) -> None:
    for _ in range(seconds):
        device.look(session, RNG)
        device.clock.pass_(1)
    device.flush()


def times(device: Device) -> list[int]:
    rows = device.database.execute("SELECT at FROM readings ORDER BY id")
    return [at // 1000 * 1000 for (at,) in rows.fetchall()]


async def test_readings_from_before_are_dated_when_the_clock_is_set(tmp_path: Path) -> None:
    clock = SimClock(PAST, 60.0, right=False)
    device, fake = Device(tmp_path / "mirror.sqlite3", clock), FakeCollective()
    fake.now, fake.credential, fake.expires = clock.now_ms, "c" * 24, 1 << 41
    async with serving(fake):
        linked(device, fake.url)
        device.start("one")
        look(device, "one", 400)  # more than are folded at a time
        clock.jump(3600)  # a wrong clock may be set wrong once more
        look(device, "one", 50)
        device.end("one")
        device.start("two")
        look(device, "two", 20)
        assert not device.database.execute("SELECT 1 FROM outbox WHERE state <> 'open'").fetchone()
        begun = to_ms(BEGIN) - 470_000
        clock.wall, clock.right = BEGIN, True
        look(device, "two", 10)
        device.end("two")
        device.flush()
        assert times(device) == [begun + 1000 * second for second in range(480)]
        rows = device.database.execute("SELECT started, last_activity FROM sessions").fetchall()
        assert rows == [(begun, begun + 450_000), (begun + 450_000, begun + 480_000)]
        await device.settle()
        sums, ends, _ = device.held()
        assert totals(fake.tallies.values()) == sums
        assert fake.sessions == ends
    device.book.finish()
    device.close()
    assert as_kept(device.path) == folded_anew(device.path)


async def test_what_an_earlier_start_left_undated_keeps_its_time_and_stays_here(
    tmp_path: Path,
) -> None:
    clock = SimClock(PAST, 60.0, right=False)
    device, fake = Device(tmp_path / "mirror.sqlite3", clock), FakeCollective()
    fake.now, fake.credential, fake.expires = clock.now_ms, "c" * 24, 1 << 41
    async with serving(fake):
        linked(device, fake.url)
        look(device, "lost in time", 30)
        before = times(device)
        device.kill()
        device.boot, clock.since_boot = "boot-2", 5.0
        clock.wall, clock.right = BEGIN, True
        device.begin()
        device.flush()
        look(device, "today", 5)
        device.end("today")
        await device.settle()
        assert times(device)[:30] == before
        assert sum(one.readings for one in fake.tallies.values()) == 5
        assert left_out(device.database).readings == 30
    device.close()
