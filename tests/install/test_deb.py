"""The Debian package in a fresh system: installed, run, removed, purged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.install.roots import Root, debian
from tests.packages import run

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]
PORTRAIT = "/opt/mood-mirror/lib/python3*/site-packages/mirrord/simulator/data/portrait.png"
FACE = f"mkdir /tmp/face && cp {PORTRAIT} /tmp/face/"
DEMO = f"{FACE} && STATE_DIRECTORY=/tmp/state mirrord demo --source /tmp/face --seconds 6 --port 0"


@pytest.fixture(scope="module")
def root(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """A system with what the package depends on, so that what comes on top is the package."""
    depends = run("dpkg-deb", "-f", package, "Depends").stdout
    names = sorted({one.split()[0] for one in depends.split(",")})
    arch = run("dpkg", "--print-architecture").stdout.strip()
    root = debian(tmp_path_factory.mktemp("debian") / "root", arch, names)
    (root.path / package.name).write_bytes(package.read_bytes())
    return root


def test_it_is_installed_runs_and_goes_without_a_trace(root: Root, package: Path):
    before = root.files()
    said = root.runs("apt-get", "install", "-y", f"/{package.name}")
    assert "port 8080" in said
    _is_as_promised(root)
    _works(root)
    (root.path / "var/lib/private/mirrord").mkdir(parents=True)
    (root.path / "var/lib/private/mirrord/mirror.sqlite3").touch()
    (root.path / "var/lib/mirrord").symlink_to("private/mirrord")
    (root.path / "etc/mirrord/secrets/mqtt.password").touch()
    assert "stay in /var/lib/mirrord" in root.runs("apt-get", "remove", "-y", "mood-mirror")
    left = root.files() - before
    assert "/etc/mirrord/mirrord.toml" in left
    assert "/var/lib/private/mirrord/mirror.sqlite3" in left
    assert not {one for one in left if one.startswith(("/opt", "/usr"))}
    assert "deleting all records" in root.runs("apt-get", "purge", "-y", "mood-mirror")
    assert root.files() - before - {"/var/lib/private"} == set()


def _is_as_promised(root: Root) -> None:
    wanted = root.path / "etc/systemd/system/multi-user.target.wants/mirrord.service"
    assert wanted.is_symlink()
    assert not (root.path / "run/systemd/system").exists()
    secrets = (root.path / "etc/mirrord/secrets").stat()
    assert (secrets.st_mode & 0o777, secrets.st_uid) == (0o700, 0)
    for path in (root.path / "opt/mood-mirror").rglob("*"):
        assert path.lstat().st_uid == 0
        assert path.is_symlink() or not path.lstat().st_mode & 0o022, path
    assert list((root.path / "opt/mood-mirror").rglob("mirrord/__pycache__/cli.*.pyc"))


def _works(root: Root) -> None:
    assert re.search(r"mirrord, version [0-9.]+", root.runs("mirrord", "--version"))
    assert "happy" in root.runs("sh", "-c", f"mirrord look {PORTRAIT}")
    said = root.runs("sh", "-c", DEMO)
    assert "is running" in said
    assert "Traceback" not in said
    found = root.runs("mirrord", "devices")
    for driver in ("hue", "audio", "thermostat", "hub_entities"):
        assert driver in found
    assert "PortAudio is missing" not in found
