"""`mirrord export`: what it writes, where, beside a running mirror, and what it says when not."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from mirrord.config import Config, parse
from mirrord.errors import ConfigError, MirrorError
from mirrord.export.command import export
from mirrord.export.formats import FORMATS, format_for
from mirrord.export.source import Wanted, wanted
from mirrord.store import Store
from tests.export_kit import filled, multiply
from tests.store_kit import START, after, reading, response

ROWS_AT_MOST = 80_000


@pytest.fixture
async def config(tmp_path: Path) -> Config:
    path = await filled(tmp_path / "mirror.sqlite3", morning=5, evening=7)
    return parse({"store": {"path": str(path)}}, "test")


def exported(config: Config, out: Path, **asked: object) -> list[dict[str, object]]:
    export(config, Wanted(**asked), format_for(None, out), out, force=True)
    found: list[dict[str, object]] = json.loads(out.read_text())["readings"]
    return found


def run(
    config: Config, *words: str, more: dict[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "mirrord", "export", *words],
        env=os.environ | {"STATE_DIRECTORY": str(Path(config.store.path).parent)} | (more or {}),
        timeout=60,
        check=False,
        **({"capture_output": True} | options),
    )


def test_a_file_of_its_owners_with_everything_in_order(config: Config, tmp_path: Path):
    said = run(config, "-o", str(tmp_path / "out.csv"), "--include-environment")
    assert said.returncode == 0, said.stderr
    assert said.stdout == b""
    out = tmp_path / "out.csv"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [row["track"] for row in rows] == [str(n) for n in range(12)]
    assert rows[0]["timestamp"] == "2026-03-01T18:00:00.000Z"
    assert rows[0]["lighting_color"] == "#FFA010"
    assert rows[0]["present"] == "true"
    assert rows[-1]["id"].encode() in said.stderr
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_export_goes_through_a_pipe(config: Config):
    said = run(config, "--format", "jsonl", "--session", "evening")
    assert said.returncode == 0
    assert [json.loads(line)["track"] for line in said.stdout.splitlines()] == list(range(5, 12))


def test_the_choice(config: Config, tmp_path: Path):
    out = tmp_path / "x.json"

    def tracks(**asked: object) -> list[object]:
        return [row["track"] for row in exported(config, out, **asked)]

    assert tracks() == list(range(12))
    assert tracks(session_id="morning") == [0, 1, 2, 3, 4]
    assert tracks(since=after(3), until=after(6)) == [3, 4, 5]
    assert tracks(session_id="evening", until=after(6)) == [5]
    assert tracks(until=START) == []
    first = UUID(str(exported(config, out)[7]["id"]))
    assert tracks(after=first) == [8, 9, 10, 11]
    assert tracks(after=first, session_id="morning") == []


def test_going_on_behind_the_last_row_misses_nothing(config: Config, tmp_path: Path):
    part, rest = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    until = Wanted(until=after(4))
    said = export(config, until, FORMATS["jsonl"], part, force=False)
    last = UUID(said.rpartition(" ")[2])
    export(config, Wanted(after=last), FORMATS["jsonl"], rest, force=False)
    lines = (part.read_text() + rest.read_text()).splitlines()
    assert [json.loads(line)["track"] for line in lines] == list(range(12))


async def test_readings_without_a_response(tmp_path: Path):
    async with Store.open(tmp_path / "m.sqlite3") as store:
        store.add_reading("s", reading(track=1))
        store.add_reading("s", reading(track=2), response(air_quality=None))
    config = parse({"store": {"path": str(tmp_path / "m.sqlite3")}}, "test")
    bare, full = exported(config, tmp_path / "x.json", environment=True)
    assert bare["environment"] is None
    assert full["environment"]["air_quality"] is None
    assert full["environment"]["present"] is True
    for form in FORMATS.values():
        out = tmp_path / f"y.{form.name}"
        export(config, Wanted(environment=True), form, out, force=False)


async def test_beside_a_mirror_that_writes(tmp_path: Path):
    path = tmp_path / "m.sqlite3"
    config = parse({"store": {"path": str(path)}}, "test")
    async with Store.open(path, flush_s=0.1) as store:
        for number in range(400):
            store.add_reading("s", reading(after(number), track=number))
        await store.flush()
        assert len(exported(config, tmp_path / "a.json")) == 400
        store.add_reading("s", reading(after(400), track=400))
        await store.flush()
        assert len(exported(config, tmp_path / "b.json")) == 401
        assert store.status.state == "ok"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "yesterday"}, "since: 'yesterday' is no time; write 2026-03-01"),
        ({"since": "1h", "days": 2}, "days and since: say one of them"),
        ({"since": "1h", "until": "2h"}, "since: lies behind until"),
        ({"session": "nobody"}, "there is no session 'nobody'"),
        ({"after": UUID("00000000-0001-8000-8000-000000000000")}, "no reading of this database"),
    ],
)
def test_what_cannot_be_asked(config: Config, tmp_path: Path, asked: dict[str, Any], said: str):
    options = dict.fromkeys(("session", "since", "until", "days", "after"))
    with pytest.raises(ConfigError, match=re.escape(said)):
        export(
            config,
            wanted(**(options | asked), include_environment=False),
            FORMATS["csv"],
            tmp_path / "x",
            force=False,
        )
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", ". is a directory"),
        ("nowhere/x.csv", "there is no directory nowhere"),
        ("/dev/full", "/dev/full is no regular file"),
    ],
)
def test_where_it_cannot_go(config: Config, name: str, said: str):
    with pytest.raises(MirrorError, match=re.escape(said)):
        export(config, Wanted(), FORMATS["csv"], Path(name), force=True)


def test_a_failure_is_one_sentence(config: Config):
    said = run(config, "--session", "nobody")
    assert (said.returncode, said.stdout) == (1, b"")
    assert said.stderr == b"mirrord: there is no session 'nobody'\n"


def test_no_store_yet(tmp_path: Path):
    config = parse({"store": {"path": str(tmp_path / "none.sqlite3")}}, "test")
    with pytest.raises(ConfigError, match=r"none\.sqlite3: no such file"):
        export(config, Wanted(), FORMATS["csv"], tmp_path / "x.csv", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program(tmp_path: Path):
    (tmp_path / "x.sqlite3").write_bytes(b"no database" * 100)
    config = parse({"store": {"path": str(tmp_path / "x.sqlite3")}}, "test")
    with pytest.raises(MirrorError, match=r"x\.sqlite3"):
        export(config, Wanted(), FORMATS["csv"], tmp_path / "x.csv", force=False)


def test_nothing_is_overwritten_unless_forced(config: Config, tmp_path: Path):
    out = tmp_path / "x.json"
    out.write_text("mine")
    with pytest.raises(MirrorError, match=r"x\.json exists; .* --force"):
        export(config, Wanted(), FORMATS["json"], out, force=False)
    assert out.read_text() == "mine"
    export(config, Wanted(), FORMATS["json"], out, force=True)
    assert len(json.loads(out.read_text())["readings"]) == 12
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_missing_extra_is_said_with_what_to_install(config: Config, tmp_path: Path):
    (tmp_path / "without" / "arro3").mkdir(parents=True)  # hides the real one
    (tmp_path / "without" / "arro3" / "__init__.py").touch()
    hidden = {"PYTHONPATH": str(tmp_path / "without")}
    said = run(config, "-o", str(tmp_path / "x.parquet"), more=hidden)
    assert said.returncode == 1
    assert said.stderr.startswith(b"mirrord: Parquet needs a library that is not installed: pip")
    assert not (tmp_path / "x.parquet").exists()


def test_a_full_disk_leaves_nothing(config: Config, tmp_path: Path):
    multiply(Path(config.store.path), 1000)
    limits = (100_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    said = run(
        config,
        "-o",
        str(tmp_path / "x.json"),
        "--include-environment",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
    )
    assert said.returncode == 1
    assert b"the disk is full" in said.stderr
    assert not [path for path in tmp_path.iterdir() if "x.json" in path.name]
    with open("/dev/full", "wb") as full:
        said = run(config, stdout=full, capture_output=False, stderr=subprocess.PIPE)
    assert said.returncode == 1
    assert b"standard output: the disk is full" in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_reader_who_stops(config: Config):
    multiply(Path(config.store.path), 20_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "mirrord", "export", "--format", "csv"],
        env=os.environ | {"STATE_DIRECTORY": str(Path(config.store.path).parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 1
    assert b"whoever read the export has stopped; --after ID" in said
    assert len(said.splitlines()) == 1


def _mind_ctrl_c() -> None:
    """In the background of a shell Ctrl-C is ignored, and a child would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_leaves_no_half_a_file(config: Config, tmp_path: Path):
    multiply(Path(config.store.path), 3 * ROWS_AT_MOST)  # it must not be over before it is ended
    process = subprocess.Popen(
        [sys.executable, "-m", "mirrord", "export", "-o", str(tmp_path / "x.json")],
        env=os.environ | {"STATE_DIRECTORY": str(Path(config.store.path).parent)},
        stderr=subprocess.PIPE,
        preexec_fn=_mind_ctrl_c,  # noqa: PLW1509 - it takes no lock
    )
    end = time.monotonic() + 30
    while not list(tmp_path.glob(".x.json-*")) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"Traceback" not in said
    assert not [path for path in tmp_path.iterdir() if "x.json" in path.name]


class Peak:
    """Measures how far this process's memory grows while it is entered, in bytes."""

    def __enter__(self) -> Peak:
        self._most = self._begin = self._now()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.grown = self._most - self._begin

    def _watch(self) -> None:
        while not self._done.wait(0.005):
            self._most = max(self._most, self._now())

    def _now(self) -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_readings(config: Config, tmp_path: Path, form: str):
    """Ten times the readings: if the rows were kept, they would take 40 MB more."""
    store = Path(config.store.path)

    def grown(name: str) -> int:
        with Peak() as peak:
            export(config, Wanted(), FORMATS[form], tmp_path / name, force=False)
        return peak.grown

    multiply(store, 5_000)
    grown("warm")
    few = grown("few")
    multiply(store, 50_000)
    assert grown("many") < max(few, 0) + 16_000_000


def test_shares_of_the_way_rise_to_one(config: Config, tmp_path: Path):
    multiply(Path(config.store.path), 9_000)
    told: list[float] = []
    export(config, Wanted(), FORMATS["csv"], tmp_path / "x", force=False, progress=told.append)
    assert told == sorted(told)
    assert len(told) == 3
    assert told[-1] == 1.0


def test_days_back(config: Config):
    chosen = wanted(None, None, None, 2.0, None, False)
    assert chosen.since is not None
    assert timedelta(days=2) <= datetime.now(UTC) - chosen.since < timedelta(days=2, hours=1)
    assert chosen.until is None
