"""What a person is told to type at the computer behind the mirror."""

from __future__ import annotations

import pwd
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mirrord.config import Config, parse
from mirrord.daemon import console
from mirrord.daemon.console import console_line


def config_of(folder: Path, file: str) -> Config:
    return parse({"store": {"path": str(folder / "mirror.sqlite3")}}, file)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", [".venv/bin/mirrord", "run"])


def test_it_is_typed_as_the_mirror_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").touch()
    line = console_line(config_of(tmp_path / "records", "mine.toml"))
    assert line == ".venv/bin/mirrord {command} -c mine.toml"


def test_the_demo_has_settings_beside_its_records_and_no_home_is_named(tmp_path: Path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "demo.toml").touch()
    line = console_line(config_of(tmp_path / "demo", "the demo's settings"))
    assert line == ".venv/bin/mirrord {command} -c ~/demo/demo.toml"


def test_a_service_belongs_to_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(console, "SERVICE", tmp_path / "etc")
    monkeypatch.setattr(sys, "argv", ["/opt/lib/mirrord/__main__.py", "run"])
    (tmp_path / "etc").mkdir()
    file = tmp_path / "etc" / "mirrord.toml"
    file.touch()
    line = console_line(config_of(tmp_path / "records", str(file)))
    program = Path(sys.executable).parent / "mirrord"
    assert line == f"sudo {program} {{command}} -c ~/etc/mirrord.toml"


def test_the_user_of_a_service_has_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """systemd makes one up (DynamicUser), without an entry that this process could read."""
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(sys, "argv", ["pytest"])
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    line = console_line(config_of(tmp_path, "nowhere.toml"))
    assert line == f"{Path(sys.executable).parent / 'mirrord'} {{command}}"


def test_the_line_names_this_mirror_and_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["pytest"])
    file = tmp_path / "a mirror of ours.toml"
    file.write_text(f'[store]\npath = "{tmp_path}/mirror.sqlite3"\n', encoding="utf-8")
    line = console_line(config_of(tmp_path, str(file))).format(command="user list")
    said = subprocess.run(
        shlex.split(line), check=False, capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 1
    assert f"{tmp_path}/accounts.sqlite3 is missing" in said.stderr
