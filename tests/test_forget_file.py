"""Forgetting: nothing of what was deleted is left in the file, its log, or a mirror's memory."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mirrord.config import Config, parse
from mirrord.errors import ConfigError, MirrorError, Refused, Unavailable
from mirrord.export.command import export
from mirrord.export.forget import chosen, forget, sentence
from mirrord.export.formats import FORMATS
from mirrord.export.source import Wanted
from mirrord.store import Store
from mirrord.store.codec import row_of, to_ms
from mirrord.store.entries import ReadingTaken
from mirrord.store.forgetting import forget_in, going
from mirrord.store.limits import Limits
from mirrord.store.opening import open_for_reading
from mirrord.store.queries import Chosen
from mirrord.store.tally import MOMENT
from tests.store_kit import EVER, after, all_readings, reading, response, tracks

LIMITS = Limits(365, 500)
DAY = 86_400
KEPT, GONE = "kept-by-the-fire", "gone-with-the-wind"


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A kept session of 40 readings, and two days later one of 30 that is to be forgotten."""
    path = tmp_path / "mirror.sqlite3"
    async with Store.open(path) as store:
        for number in range(40):
            store.add_reading(KEPT, reading(after(7 * number), track=number), response())
        store.end_session(KEPT, after(7 * 40))
        for number in range(30):
            at = after(2 * DAY + 7 * number)
            store.add_reading(GONE, reading(at, track=100 + number, joy=0.9), response())
        store.log_camera("off", after(2 * DAY + 50))
    return path


def times(first: float, count: int) -> list[datetime]:
    return [after(first + 7 * number) for number in range(count)]


def traces(path: Path, moments: Iterable[datetime]) -> set[datetime]:
    """Return the moments that are written anywhere in the file or beside it, however encoded."""
    files = [one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name)]
    found = set()
    for at in moments:
        ms = to_ms(at)
        # As a column of its own; as the low bits of a low and of a high (mirrord/store/tally.py).
        marks = (
            ms.to_bytes(6, "big"),
            ms.to_bytes(6, "big")[1:],
            (MOMENT - 1 - ms).to_bytes(6)[1:],
        )
        if any(mark in body for mark in marks for body in files):
            found.add(at)
    return found


def words(path: Path, text: str) -> int:
    files = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    return sum(one.read_bytes().count(text.encode()) for one in files)


WHOLE = [Chosen(GONE), Chosen(None, after(DAY)), Chosen(None, after(DAY), after(3 * DAY))]


@pytest.mark.parametrize("what", WHOLE, ids=["session", "since", "span"])
async def test_no_byte_is_left_of_what_is_forgotten(path: Path, what: Chosen):
    gone, kept = times(2 * DAY, 30), times(0, 40)
    assert traces(path, gone) == set(gone)  # the search finds them while they are there
    assert words(path, GONE)
    forgotten = forget_in(path, LIMITS, what)
    assert (forgotten.readings, forgotten.responses, forgotten.sessions) == (30, 30, 1)
    assert traces(path, gone) == set()
    assert words(path, GONE) == 0
    assert traces(path, kept) == set(kept)
    assert await tracks(path) == list(range(40))


async def test_all_of_it(path: Path):
    (path.parent / f"{path.name}.damaged-2026-03-01T00-00-00.000Z").write_text(GONE)
    forgotten = forget_in(path, LIMITS, Chosen())
    assert (forgotten.readings, forgotten.sessions) == (70, 2)
    assert traces(path, times(0, 40) + times(2 * DAY, 30)) == set()
    assert words(path, GONE) == words(path, KEPT) == 0
    async with Store.open(path) as store:
        assert await store.sessions() == []
        assert await store.minutes(**EVER) == await store.hours(**EVER) == []
        assert await store.camera_log() == []
        assert store.status.readings == 0
        assert store.status.bytes < 200_000


async def test_a_piece_of_a_session(path: Path):
    what = Chosen(None, after(2 * DAY + 70), after(2 * DAY + 140))
    assert forget_in(path, LIMITS, what).readings == 10
    assert traces(path, times(2 * DAY + 70, 10)) == set()
    assert await tracks(path) == [*range(40), *range(100, 110), *range(120, 130)]
    async with Store.open(path) as store:
        minutes = await store.minutes(**EVER)
        session = (await store.sessions())[0]
        left = [one for one in await all_readings(store) if one.session_id == GONE]
    assert sum(one.readings for one in minutes) == 60
    assert session.total_readings == len(left) == 20
    assert session.average_joy == pytest.approx(0.9)


async def test_settings_stay(path: Path):
    async with Store.open(path) as store:
        await store.set_setting("controls", {"camera": False})
    forget_in(path, LIMITS, Chosen())
    async with Store.open(path) as store:
        assert await store.get_setting("controls") == {"camera": False}


async def test_beside_a_mirror_that_holds_more_in_memory(path: Path):
    now = datetime.now().astimezone()
    before = [now - timedelta(seconds=60 - number) for number in range(5)]
    async with Store.open(path, flush_s=600) as store:
        store.start_session("now", before[0])
        for number, at in enumerate(before):
            store.add_reading("now", reading(at, track=number), response())
        store.log_camera("open", before[1])
        assert (await asyncio.to_thread(forget_in, path, LIMITS, Chosen())).readings == 70
        store.add_reading("now", reading(datetime.now().astimezone(), track=200))
        await store.flush()
        assert [one.track for one in await all_readings(store)] == [200]
        (session,) = await store.sessions()
        assert (session.session_id, session.total_readings) == ("now", 1)
        assert session.is_active
        assert session.start_time > before[-1]
        assert await store.camera_log() == []
        assert store.status.state == "ok"
        store.end_session("now", before[2])  # it ended before; when is forgotten, too
        await store.flush()
        (session,) = await store.sessions()
        assert not session.is_active
    assert traces(path, before) == set()


async def test_a_session_in_memory_is_forgotten_alone(path: Path):
    now = datetime.now().astimezone() - timedelta(seconds=30)
    async with Store.open(path, flush_s=600) as store:
        store.add_reading(GONE, reading(now, track=1))
        store.add_reading("other", reading(now, track=2))
        forget_in(path, LIMITS, Chosen(GONE))
        store.add_reading(GONE, reading(datetime.now().astimezone(), track=3))
        await store.flush()
        assert [one.track for one in await all_readings(store)][:2] == [3, 2]
        assert len(await all_readings(store)) == 42


async def test_within_a_mirror(path: Path):
    async with Store.open(path, flush_s=600) as store:
        old = datetime.now().astimezone() - timedelta(hours=2)
        store.add_reading("recent", reading(old + timedelta(hours=1, minutes=30), track=1))
        store.add_reading("older", reading(old, track=2))
        hour = Chosen(None, datetime.now().astimezone() - timedelta(hours=1))
        assert (await store.forget(hour)).readings == 1
        assert 2 in [one.track for one in await all_readings(store)]
        assert words(path, "recent") == 0
    assert (await tracks(path))[-1] == 2


async def test_one_that_reads_holds_it_up_no_longer_than_said(path: Path):
    """The log cannot be emptied while somebody reads the old state: that is said, not hidden."""
    database = open_for_reading(path, 60)
    database.begin()
    database.execute("SELECT count(*) FROM readings").fetchone()
    deleting = asyncio.create_task(asyncio.to_thread(forget_in, path, LIMITS, Chosen(GONE)))
    await asyncio.sleep(0.5)
    assert not deleting.done()
    database.close()
    assert (await deleting).readings == 30
    assert words(path, GONE) == 0


async def test_what_goes_is_said_before(path: Path):
    asked = going(path, Chosen(None, after(DAY)))
    assert (asked.readings, asked.responses, asked.sessions) == (30, 30, 1)
    assert (asked.oldest, asked.newest) == (after(2 * DAY), after(2 * DAY + 7 * 29))
    said = sentence(asked)
    assert said.startswith("30 readings, 30 answers of the room, 1 whole session from 2026-03-0")
    nothing = going(path, Chosen(None, after(30 * DAY)))
    assert (nothing.readings, nothing.oldest, nothing.newest) == (0, None, None)


@pytest.fixture
def config(path: Path) -> Config:
    return parse({"store": {"path": str(path)}}, "test")


async def test_nothing_goes_without_a_yes(config: Config, path: Path):
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    assert forget(config, Chosen(GONE), no) == "Nothing was deleted."
    assert "30 readings" in asked[0]
    assert "cannot be brought back" in asked[0]
    assert words(path, GONE)


def run(path: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "mirrord", "forget", *words],
        env=os.environ | {"STATE_DIRECTORY": str(path.parent)},
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )


async def test_the_command_asks_and_obeys(path: Path):
    said = run(path, "--session", GONE, given=b"")  # nobody is there to say yes
    assert said.returncode == 1
    assert b"30 readings" in said.stderr
    assert words(path, GONE)
    said = run(path, "--session", GONE, given=b"y\n")
    assert (said.returncode, b"30 readings deleted" in said.stdout) == (0, True)
    assert words(path, GONE) == 0
    said = run(path, "--all", "--yes")
    assert (said.returncode, b"40 readings deleted" in said.stdout) == (0, True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "say what is to be forgotten"),
        ({"everything": True, "since": "1h"}, "say what is to be forgotten"),
        ({"since": "later"}, "since: 'later' is no time"),
        ({"since": "1h", "until": "2h"}, "since: lies behind until"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, object], said: str):
    options = {"everything": False, "session": None, "since": None, "until": None}
    with pytest.raises(ConfigError, match=said):
        chosen(**(options | asked))


async def test_an_unknown_session_and_a_missing_file(path: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match="there is no session 'nobody'"):
        going(path, Chosen("nobody"))
    with pytest.raises(ConfigError, match="no such file"):
        going(tmp_path / "none", Chosen())
    (tmp_path / "foreign").write_bytes(b"foreign" * 1000)
    with pytest.raises(MirrorError, match="foreign"):
        forget_in(tmp_path / "foreign", LIMITS, Chosen())
    assert (tmp_path / "foreign").read_bytes() == b"foreign" * 1000


async def test_an_export_meanwhile_loses_only_what_went(config: Config, path: Path):
    forget_in(path, LIMITS, Chosen(GONE))
    out = path.parent / "x.json"
    export(config, Wanted(), FORMATS["json"], out, force=False)
    assert [row["track"] for row in json.loads(out.read_text())["readings"]] == list(range(40))


async def test_a_held_file_is_said(path: Path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable, match="held by another program"):
        forget_in(path, LIMITS, Chosen(GONE), patience_s=0.5)
    holder.close()
    assert forget_in(path, LIMITS, Chosen(GONE)).readings == 30


async def test_a_reading_that_is_forgotten_as_it_is_kept_is_refused(path: Path):
    async with Store.open(path, flush_s=600) as store:
        old = datetime.now().astimezone()
        await store.forget(Chosen())
        row = row_of(reading(old), None, old)
        with pytest.raises(Refused, match="forgotten"):
            await store.put(ReadingTaken("by-hand", row))
        later = old + timedelta(hours=1)
        await store.put(ReadingTaken("by-hand", row_of(reading(later), None, later)))
        assert len(await all_readings(store)) == 1
