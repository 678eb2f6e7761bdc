"""The drill itself: a part of it for real, and that it finds what it is there to find."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mirrord.cli import cli
from mirrord.config import parse
from mirrord.drill.faults import FAULTS, chosen
from mirrord.drill.ledger import Ledger
from mirrord.drill.rig import simulated_rig, toml
from mirrord.drill.run import simulated_drill
from mirrord.drill.soak import MAX_MB, grow_old, measured
from mirrord.errors import MirrorError

QUICK = ("vision killed", "bridge down", "disk full", "power")


@pytest.mark.alone
async def test_the_mirror_gets_over_the_quickest_faults_and_loses_nothing(tmp_path: Path):
    told: list[str] = []
    async with simulated_rig(tmp_path) as rig:
        report = await simulated_drill(rig, chosen(QUICK, real=False), told.append)
    assert report.passed, report
    assert report.restored
    assert report.acknowledged > 5
    assert [one.fault for one in report.outcomes] == list(QUICK)
    assert all(one.back_s is not None for one in report.outcomes)
    assert len(told) == len(QUICK)


def test_faults_are_listed_and_an_unknown_one_is_named():
    shown = CliRunner().invoke(cli, ["drill", "--list"])
    assert shown.exit_code == 0
    for fault in FAULTS:
        assert fault.name in shown.output
    with pytest.raises(MirrorError, match="no fault is called 'flood'"):
        chosen(("flood",), real=False)
    assert {one.name for one in chosen((), real=True)} >= {"vision killed", "power"}
    assert all(one.real for one in chosen((), real=True))


def test_a_real_room_is_not_touched_without_settings_and_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    without = CliRunner().invoke(cli, ["drill", "--real"])
    assert isinstance(without.exception, MirrorError)
    file = tmp_path / "mirror.toml"
    file.write_text(f'camera.source = 0\nstore.path = "{tmp_path}/mirror.sqlite3"\n')
    refused = CliRunner().invoke(cli, ["drill", "--real", "-c", str(file)], input="n\n")
    assert refused.exit_code == 1
    assert "kill -9 of the mirror" in refused.output
    assert not (tmp_path / "mirror.sqlite3").exists()


def test_settings_survive_being_written(tmp_path: Path):
    tables: dict[str, Any] = {
        "mirror": {"name": 'a "b"'},
        "camera": {"source": "http://x/1"},
        "drivers": {"thermostat": {"host": "h", "sensors": [{"topic": "t", "measures": "air"}]}},
    }
    assert tomllib.loads(toml(tables)) == tables
    assert parse(tables, "x").mirror.name == 'a "b"'


async def test_a_soak_begins_with_a_full_database_and_measures_a_process(tmp_path: Path):
    path = tmp_path / "mirror.sqlite3"
    await grow_old(path)
    found = measured(os.getpid(), path)
    assert 0.6 < found["database_mb"] <= MAX_MB
    assert found["memory_mb"] > 10
    assert found["threads"] >= 1
    with (tmp_path / "one").open("w"), (tmp_path / "two").open("w"):
        assert measured(os.getpid(), path)["open_files"] == found["open_files"] + 2


async def test_the_ledger_finds_what_is_missing(tmp_path: Path):
    from mirrord.store import Store
    from tests.store_kit import all_readings, fill

    path = tmp_path / "mirror.sqlite3"
    async with Store.open(path) as store:
        await fill(store, 3, "drill")
        ids = [str(one.id) for one in await all_readings(store)]
    ledger = Ledger("http://127.0.0.1:1/", path)
    ledger.acknowledged.extend(ids)
    assert ledger.lost() == 0
    ledger.acknowledged.append("00000000-0000-8000-8000-000000000000")
    assert ledger.lost() == 1
