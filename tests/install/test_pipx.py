"""`pipx install`, as the documents say it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.packages import run

pytestmark = [pytest.mark.install, pytest.mark.timeout(900)]


def test_pipx_installs_the_command_with_all_drivers(wheel: Path, tmp_path: Path):
    run(sys.executable, "-m", "venv", tmp_path / "tool")
    tool = tmp_path / "tool/bin/python"
    run(tool, "-m", "pip", "install", "-q", "pipx")
    env = os.environ | {
        "PIPX_HOME": str(tmp_path / "pipx"),
        "PIPX_BIN_DIR": str(tmp_path / "bin"),
        "PIPX_MAN_DIR": str(tmp_path / "man"),
        "STATE_DIRECTORY": str(tmp_path / "state"),
    }
    run(tool, "-m", "pipx", "install", "--python", sys.executable, wheel, cwd=tmp_path, env=env)
    mirrord = tmp_path / "bin/mirrord"
    assert "mirrord" in run(mirrord, "--version", cwd=tmp_path, env=env).stdout
    found = run(mirrord, "devices", cwd=tmp_path, env=env).stdout
    for driver in ("hue", "audio", "thermostat", "hub_entities"):
        assert driver in found
    assert (
        "is running"
        in run(mirrord, "demo", "--seconds", "3", "--port", "0", cwd=tmp_path, env=env).stdout
    )
    unit = run(mirrord, "install-service", cwd=tmp_path, env=env).stdout
    assert f"{tmp_path}/pipx/venvs/mood-mirror/bin/python" in unit
