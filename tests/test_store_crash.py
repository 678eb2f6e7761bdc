"""A mirror that is killed loses what was not flushed, and nothing else."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

from mirrord.store import Store
from tests.store_kit import EVER, START, after, all_readings, reading, tracks

KILLS = 10


async def test_a_kill_at_any_moment_loses_nothing_that_was_flushed(tmp_path: Path) -> None:
    path = tmp_path / "mirror.sqlite3"
    first, safe_in_all = 0, 0
    for _ in range(KILLS):
        safe = write_until_killed(path, first, random.uniform(0.0, 0.3))
        check = sqlite3.connect(path)
        assert check.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        check.close()
        kept = await tracks(path)
        assert kept == list(range(len(kept)))
        assert len(kept) > safe
        safe_in_all += safe + 1 - first
        first = len(kept)
    assert safe_in_all > 1000
    async with Store.open(path) as store:
        by_minute = await store.minutes(**EVER)
        sessions = await store.sessions(limit=100)
        assert sum(one.readings for one in by_minute) == store.status.readings == first
    assert sum(session.total_readings for session in sessions) == first
    assert not any(session.is_active for session in sessions)


def write_until_killed(path: Path, first: int, seconds: float) -> int:
    """Return the last track that the writer said was safe."""
    run = [sys.executable, "-m", "tests.store_child", "write", str(path), str(first)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        safe = int(child.stdout.readline())
        rest: list[str] = []
        reader = threading.Thread(target=lambda: rest.extend(child.stdout or ()))
        reader.start()
        time.sleep(seconds)
        child.kill()
        reader.join()
    whole = [line for line in rest if line.endswith("\n")]
    return int(whole[-1]) if whole else safe


async def test_a_session_left_open_is_closed_at_its_last_reading(tmp_path: Path) -> None:
    path = tmp_path / "mirror.sqlite3"
    async with Store.open(path) as store:
        store.start_session("left", START)
        for second in range(10):
            store.add_reading("left", reading(after(second)))
        store.start_session("empty", after(20))
    async with Store.open(path) as store:
        empty, left = await store.sessions()
        assert len(await all_readings(store)) == 10
    assert (left.is_active, left.last_activity, left.total_readings) == (False, after(9), 10)
    assert (empty.is_active, empty.last_activity) == (False, after(20))
