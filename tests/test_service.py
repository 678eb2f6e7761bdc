"""The units: what systemd itself says of them, and the command that installs them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mirrord.config import load
from mirrord.service import UNITS, unit_text

ROOT = Path(__file__).parent.parent
VISION = "mirrord-vision@.service"
# What `systemd-analyze security` may give: 0 is shut, 10 is open.
LIMITS = {"mirrord.service": 1.6, VISION: 0.7, "mirrord-collective.service": 1.5}


def written(folder: Path) -> Path:
    """All units, with programs that are really there, since systemd looks for them."""
    for unit in (ROOT / "systemd").iterdir():
        text = unit.read_text().replace("/opt/mood-mirror/bin/python3", sys.executable)
        text = text.replace("/opt/mood-mirror/bin/mirrord", f"{sys.executable} -m mirrord")
        (folder / unit.name).write_text(text)
    return folder


@pytest.fixture(params=LIMITS)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(tmp_path) / request.param


def settings_of(name: str) -> list[str]:
    lines = (ROOT / "systemd" / name).read_text().splitlines()
    return [line for line in lines if "=" in line and not line.startswith("#")]


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "--no-pager", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_systemd_understands_every_line(unit: Path):
    said = analyze("verify", "--man=no", str(unit))
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_systemd_understands_the_socket_and_an_instance_of_what_it_starts(tmp_path: Path):
    written(tmp_path)
    for name in ("mirrord-vision.socket", VISION.replace("@", "@1-2-3")):
        said = analyze("verify", "--man=no", str(tmp_path / name))
        assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_a_line_that_systemd_does_not_know_would_be_found(unit: Path):
    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes", "NoNewPriviliges=yes"))
    assert "NoNewPriviliges" in analyze("verify", "--man=no", str(unit)).stderr


def test_hardly_anything_is_exposed(unit: Path):
    said = analyze("security", "--offline=true", "--threshold=20", str(unit))
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said.stdout)
    assert level, said.stdout + said.stderr
    assert float(level[1]) <= LIMITS[unit.name]
    assert said.returncode == 0


def test_who_has_the_network_has_no_camera_and_who_has_the_camera_has_nothing_else():
    mirror, vision = settings_of("mirrord.service"), settings_of(VISION)
    assert [one for one in mirror if one.startswith("Device")] == [
        "DevicePolicy=closed",
        "DeviceAllow=char-alsa rw",
    ]
    assert "DeviceAllow=char-video4linux rw" in vision
    assert not [one for one in vision if "alsa" in one or "Directory=" in one]
    assert {"PrivateNetwork=yes", "IPAddressDeny=any", "ProtectSystem=strict"} <= set(vision)
    assert "Environment=MIRRORD_VISION_SOCKET=/run/mirrord-vision.sock" in mirror
    assert "ListenStream=/run/mirrord-vision.sock" in settings_of("mirrord-vision.socket")


def test_the_vision_process_is_shut_in_at_least_as_well_as_the_mirror():
    hardens = (
        "Dynamic",
        "UMask",
        "LimitCORE",
        "DevicePolicy",
        "Protect",
        "Private",
        "Proc",
        "NoNew",
    )
    hardens += ("Capability", "Ambient", "Keyring", "Restrict", "Remove", "Lock", "SystemCall")
    mirror = {one for one in settings_of("mirrord.service") if one.startswith(hardens)}
    of_its_own = {"PrivateTmp=yes", "Restart=on-failure", "RestartSec=2"}
    of_its_own |= {one for one in mirror if one.startswith("RestrictAddressFamilies")}
    assert mirror - of_its_own - set(settings_of(VISION)) == set()
    assert len(mirror) > 20


def test_the_mirror_keeps_what_sound_and_numbers_need():
    lines = settings_of("mirrord.service")
    assert not [line for line in lines if line.startswith(("MemoryDenyWrite", "PrivateDevices"))]
    assert "SystemCallErrorNumber=EPERM" in lines
    for line in ("Type=notify", "WatchdogSec=60", "DynamicUser=yes", "DevicePolicy=closed"):
        assert line in lines


def mirrord(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mirrord", *words],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def test_a_unit_for_this_installation_is_valid(tmp_path: Path):
    for name in UNITS:
        (tmp_path / name).write_text(unit_text(name))
    assert f"ExecStart={sys.executable} -P -m mirrord run" in unit_text()
    assert f"ExecStart={sys.executable} -P -m mirrord.vision\n" in unit_text(VISION)
    for name in UNITS:
        said = analyze("verify", "--man=no", str(tmp_path / name))
        assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_of_a_home_it_sees_what_it_runs_from(tmp_path: Path):
    home = next(Path(one) for one in ("/root", "/home") if Path(one).is_dir())
    text = unit_text(python=f"{home}/venv/bin/python", needed=[str(home), "/usr/lib", ""])
    assert "ProtectHome=yes" in text
    there = [str(one) for one in home.iterdir() if one.is_dir()][:1]
    for name in ("mirrord.service", VISION):
        text = unit_text(name, f"{home}/50% of it/bin/python", there)
        assert f'ExecStart="{home}/50%% of it/bin/python" -P' in text
        assert ("ProtectHome=tmpfs" in text) == bool(there)
        assert all(f"BindReadOnlyPaths={one}" in text for one in there)


def test_it_is_installed_into_a_system_that_is_being_prepared_and_taken_away(tmp_path: Path):
    own = tmp_path / "own.toml"
    own.write_text('[camera]\nsource = "picamera2"\n')
    card = tmp_path / "card"
    card.mkdir()
    done = mirrord("install-service", "--yes", "--root", str(card), "-c", str(own))
    assert done.returncode == 0, done.stderr
    units = {name: card / "etc/systemd/system" / name for name in UNITS}
    for name, unit in units.items():
        assert unit_text(name) in done.stdout
        assert unit.read_text() == unit_text(name)
    wanted = card / "etc/systemd/system/multi-user.target.wants/mirrord.service"
    assert wanted.is_symlink()
    assert (card / "etc/mirrord/mirrord.toml").read_text() == own.read_text()
    assert stat.S_IMODE((card / "etc/mirrord/secrets").stat().st_mode) == 0o700
    again = mirrord("install-service", "--yes", "--root", str(card))
    assert "left as it is" in again.stdout
    gone = mirrord("install-service", "--remove", "--yes", "--root", str(card))
    assert gone.returncode == 0, gone.stderr
    assert not any(unit.exists() for unit in units.values())
    assert not wanted.is_symlink()
    assert (card / "etc/mirrord/mirrord.toml").exists()
    nothing = mirrord("install-service", "--remove", "--yes", "--root", str(card))
    assert nothing.returncode == 1
    assert "no service of this kind is installed" in nothing.stderr


def test_without_settings_of_ones_own_the_shipped_ones_are_begun_with(tmp_path: Path):
    assert mirrord("install-service", "--yes", "--root", str(tmp_path)).returncode == 0
    assert load(tmp_path / "etc/mirrord/mirrord.toml") != load(ROOT / "config/mirrord.toml")
    begun = (tmp_path / "etc/mirrord/mirrord.toml").read_text()
    assert begun == (ROOT / "config/mirrord.toml").read_text()


def test_beside_the_package_s_own_service_there_is_no_second_one(tmp_path: Path):
    packaged = tmp_path / "usr/lib/systemd/system/mirrord.service"
    packaged.parent.mkdir(parents=True)
    packaged.touch()
    done = mirrord("install-service", "--yes", "--root", str(tmp_path))
    assert done.returncode == 1
    assert "brings its own service" in done.stderr
    assert not (tmp_path / "etc").exists()


def test_settings_that_are_wrong_are_not_installed(tmp_path: Path):
    bad = tmp_path / "bad.toml"
    bad.write_text("[camera]\nfsp = 3\n")
    done = mirrord("install-service", "--yes", "--root", str(tmp_path), "-c", str(bad))
    assert done.returncode == 1
    assert "fsp" in done.stderr
    assert not (tmp_path / "etc/systemd").exists()


def test_nobody_is_asked_where_nobody_can_answer_and_nothing_is_done():
    before = os.listdir("/etc/systemd/system")
    done = mirrord("install-service")
    assert done.returncode == 0
    assert done.stdout == "\n".join(f"# {name}\n{unit_text(name)}" for name in UNITS)
    assert "Nothing is changed" in done.stderr
    assert os.listdir("/etc/systemd/system") == before
