"""Damaged, foreign, full, locked, gone: the mirror goes on and says what is the matter."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mirrord.errors import ConfigError, Unavailable
from mirrord.store import Store
from mirrord.store.book import Book
from mirrord.store.entries import CameraLogged
from mirrord.store.failures import explain, is_passing
from mirrord.store.limits import Limits
from mirrord.store.opening import open_database, set_aside
from mirrord.store.pending import Pending
from tests.store_kit import all_readings, fill, reading, tracks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mirror.sqlite3"


async def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        async with Store.open(path):
            pass
    return str(caught.value)


async def make(path: Path, count: int = 600) -> None:
    async with Store.open(path) as store:
        await fill(store, count)
        assert await store.set_setting("camera", False) is None


def scribble(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(random.Random(1).randbytes(length))


@pytest.mark.parametrize(("start", "length"), [(0, 4096), (0, 1_000_000), (40_000, 20_000)])
async def test_a_damaged_file_is_set_aside(path: Path, start: int, length: int) -> None:
    await make(path)
    scribble(path, start, length)
    damaged = path.read_bytes()
    async with Store.open(path) as store:
        status = store.status
        await fill(store, 5)
        assert len(await all_readings(store)) == 5
    assert status.state == "recovered"
    (aside,) = path.parent.glob("mirror.sqlite3.damaged-20*Z")
    assert f"{path} was damaged" in status.detail
    assert aside.name in status.detail
    assert aside.read_bytes() == damaged
    async with Store.open(path) as store:
        assert store.status.state == "ok"


async def test_settings_are_saved_out_of_a_damaged_file(path: Path) -> None:
    await make(path, 3000)
    scribble(path, 200_000, 50_000)
    async with Store.open(path) as store:
        assert store.status.state == "recovered"
        assert await store.get_setting("camera") is False
    async with Store.open(path) as store:
        assert await store.get_setting("camera") is False


@pytest.mark.parametrize(
    "harm",
    ["DROP TABLE readings", "DELETE FROM state", "DROP TABLE minutes", "DROP TABLE settings"],
)
async def test_a_file_that_lacks_what_it_should_have_is_set_aside(path: Path, harm: str) -> None:
    await make(path)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("DROP VIEW emotion_readings")
    database.execute(harm)
    database.close()
    async with Store.open(path) as store:
        await fill(store, 400)
        assert store.status.state == "recovered"
        assert (await store.get_setting("camera") is False) == ("settings" not in harm)
        assert len(await all_readings(store)) == 400
    assert len(list(path.parent.glob("mirror.sqlite3.damaged-*Z"))) == 1


async def test_the_log_of_a_damaged_file_goes_with_it(path: Path) -> None:
    async with Store.open(path) as store:
        await fill(store, 600)
        left = {end: path.with_name(path.name + end).read_bytes() for end in ("-wal", "-shm")}
    for end, content in left.items():
        path.with_name(path.name + end).write_bytes(content)
    scribble(path, 0, 50_000)
    aside = set_aside(path)
    assert [one for one in path.parent.iterdir() if ".damaged-" not in one.name] == []
    for end, content in left.items():
        assert aside.with_name(aside.name + end).read_bytes() == content


async def test_only_the_newest_three_damaged_files_are_kept(path: Path) -> None:
    for number in range(5):
        path.write_bytes(bytes([number]) * 5000)
        async with Store.open(path) as store:
            assert store.status.state == "recovered"
    kept = sorted(path.parent.glob("mirror.sqlite3.damaged-*"))
    assert [one.read_bytes()[0] for one in kept] == [2, 3, 4]


async def test_damage_that_shows_while_running_loses_no_new_reading(path: Path) -> None:
    await make(path, 2000)
    async with Store.open(path) as store:
        scribble(path, 0, path.stat().st_size)
        await fill(store, 400, first=2000)
        assert store.status.state == "recovered"
        assert await store.get_setting("camera") is False
    assert await tracks(path) == list(range(2000, 2400))
    async with Store.open(path) as store:
        assert await store.get_setting("camera") is False


async def test_a_file_that_is_removed_is_begun_anew(path: Path) -> None:
    async with Store.open(path) as store:
        await fill(store, 5)
        await store.set_setting("camera", False)
        for file in path.parent.iterdir():
            file.unlink()
        await fill(store, 5, first=5)
        assert store.status.state == "recovered"
        assert "was removed" in store.status.detail
    assert await tracks(path) == [5, 6, 7, 8, 9]
    async with Store.open(path) as store:
        assert await store.get_setting("camera") is False


async def test_the_file_of_a_newer_mirror_is_refused_and_left_alone(path: Path) -> None:
    await make(path, 5)
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    said = await refusal(path)
    assert f"[store] path: {path} was written by a newer Mood Mirror (its schema is 99" in said
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("pragma", ["application_id = 1", "user_version = 3", "user_version = 0"])
async def test_the_database_of_another_program_is_refused_and_left_alone(
    path: Path, pragma: str
) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.execute(f"PRAGMA {pragma}")
    database.close()
    before = path.read_bytes()
    assert f"{path} is a database of another program" in await refusal(path)
    assert path.read_bytes() == before


async def test_an_empty_file_is_begun(path: Path) -> None:
    path.touch()
    await make(path, 5)
    assert await tracks(path) == [0, 1, 2, 3, 4]


async def test_a_path_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for path, why in (
        (tmp_path, "is a directory"),
        (tmp_path / "file" / "mirror.sqlite3", "cannot be made (Not a directory)"),
        (tmp_path / "pipe", "is no regular file"),
        (Path("/sys/mirror.sqlite3"), "cannot be made (Permission denied)"),
    ):
        assert await refusal(path) == (
            f"[store] path: {path} {why}; name a file where the mirror may write"
        )


async def test_another_program_that_holds_the_file_is_waited_for(path: Path) -> None:
    async with Store.open(path, flush_s=0.05) as store:
        await fill(store, 5)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.add_reading("s", reading(track=5))
        async with asyncio.timeout(30):
            while store.status.state != "paused":
                await asyncio.sleep(0.05)
        assert f"{path} is held by another program" in store.status.detail
        with pytest.raises(Unavailable, match="held by another program"):
            await store.flush()
        assert len(await all_readings(store)) == 5  # reading goes on
        other.execute("COMMIT")
        other.close()
        await store.flush()
        assert (store.status.state, store.status.pending) == ("ok", 0)
    assert await tracks(path) == [0, 1, 2, 3, 4, 5]


def test_a_full_disk_pauses_writing_and_what_waited_is_written_later(path: Path) -> None:
    run = [sys.executable, "-m", "tests.store_child", "starve", str(path)]
    answer = subprocess.run(run, check=False, capture_output=True, text=True, timeout=100)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    assert found["state"] == "paused"
    assert found["pending"] > 0
    assert "readings wait in memory" in found["detail"]
    assert str(path) in found["unsafe"]
    assert found["held"] is False  # a setting holds, written or not
    assert (found["complete"], found["dropped"]) == (True, 0)


def test_a_full_disk_is_called_one(path: Path) -> None:
    database = open_database(path, Limits(365, 500), check=True)
    room = database.execute("PRAGMA page_count").fetchone()[0] + 5
    database.execute(f"PRAGMA max_page_count = {room}")
    book = Book(database, path, Limits(365, 500))
    with pytest.raises(sqlite3.OperationalError) as caught:
        book.write([CameraLogged("x" * 1000, number) for number in range(100)])
    assert is_passing(caught.value)
    assert explain(path, caught.value) == f"the disk that holds {path} is full"
    database.execute("PRAGMA max_page_count = 100000")
    assert book.write([CameraLogged("off", 1)]) == 0
    assert database.execute("SELECT count(*) FROM camera_log").fetchone() == (1,)
    book.close()


async def test_memory_is_bounded_and_the_oldest_readings_give_way(path: Path) -> None:
    async with Store.open(path, flush_s=600) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.start_session("s", reading().at)
        for number in range(12_000):
            store.add_reading("s", reading(track=number))
        store.end_session("s", reading().at)
        assert store.status.pending <= 10_002
        assert store.status.dropped >= 2_000
        other.execute("COMMIT")
        other.close()
        await store.flush()
        (session,) = await store.sessions()
    assert not session.is_active
    kept = await tracks(path)
    assert kept == list(range(12_000 - len(kept), 12_000))
    assert len(kept) >= 9_990


def test_what_is_put_back_comes_before_what_came_since() -> None:
    pending = Pending(most=3)
    entries = [CameraLogged(str(number), number) for number in range(6)]
    for entry in entries[:2]:
        pending.add(entry)
    batch = pending.take()
    assert len(pending) == 0
    for entry in entries[2:4]:
        pending.add(entry)
    pending.put_back(batch)
    assert list(pending.take()) == entries[:4]
