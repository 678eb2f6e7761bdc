"""The Debian package of each kind in a fresh system: installed, used, upgraded, removed, purged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import packages
from tests.install.roots import Root, own_arch
from tests.install.test_other_processors import IMPORT_ALL

pytestmark = [pytest.mark.install, pytest.mark.timeout(7200)]
KINDS = [(suite, arch) for suite in packages.NUMBER for arch in ("amd64", "arm64")]
PYTHON = {"bookworm": "3.11", "trixie": "3.13"}
MACHINE = {"amd64": "x86_64", "arm64": "aarch64"}
SETTINGS = "/etc/mirrord/mirrord.toml"
PORTRAIT = "/opt/mood-mirror/lib/python3*/site-packages/mirrord/simulator/data/portrait.png"
FACE = f"mkdir -p /tmp/face && cp {PORTRAIT} /tmp/face/"
DEMO = f"{FACE} && STATE_DIRECTORY=/tmp/state mirrord demo --source /tmp/face --seconds 6 --port 0"
LEAST = '[camera]\nsource = "/tmp/face"\n[store]\npath = "/tmp/m.sqlite3"\n[web]\nport = 8971\n'
CHECK = f"{FACE} && mirrord check -c /srv/least.toml"
# What Python, netbase and the authorities of Debian make by themselves, and do not list.
MADE_BY_OTHERS = re.compile(
    r"/__pycache__\b|^/etc/(ssl/certs|alternatives|python3)\b"
    r"|^/etc/(ca-certificates.conf|inputrc|hosts|networks)$"
    r"|^/usr/local/(lib/python3|share/ca-certificates)|^/var/lib/python\b"
)
OWN = re.compile(r"mirrord|mood.mirror|^/opt/")


@pytest.mark.parametrize(("suite", "arch"), KINDS)
def test_a_package_is_installed_works_is_upgraded_and_goes_without_a_trace(
    suite: str,
    arch: str,
    package_for: Callable[[str, str], Path],
    system: Callable[..., Root],
    tmp_path: Path,
):
    package = package_for(suite, arch)
    assert re.fullmatch(rf"mood-mirror_[0-9.]+\+{packages.NUMBER[suite]}_{arch}.deb", package.name)
    root = system(arch, ["apt"], suite=suite)
    before = root.files()
    root.runs("apt-get", "update")
    assert "port 8080" in _install(root, package)
    _is_as_promised(root)
    _works(root, suite, arch)
    _is_used(root)
    _install(root, packages.newer(package, tmp_path, "9.9"), typed="\n")
    _is_upgraded(root)
    _goes(root)
    assert _left(root, before) == set()


def _install(root: Root, package: Path, typed: str = "") -> str:
    """Install it as the guide says; apt fetches what it depends on."""
    (root.path / package.name).write_bytes(package.read_bytes())
    said = root.runs("apt-get", "install", "-y", f"/{package.name}", typed=typed)
    (root.path / package.name).unlink()
    return said


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


def _works(root: Root, suite: str, arch: str) -> None:
    assert re.search(r"mirrord, version [0-9.]+", root.runs("mirrord", "--version"))
    python = "/opt/mood-mirror/bin/python3"
    assert f"Python {PYTHON[suite]}." in root.runs(python, "--version")
    machine, count, sound = root.runs(python, "-W", "ignore", "-c", IMPORT_ALL).split()[-3:]
    assert (machine, int(count) > 250, sound) == (MACHINE[arch], True, "True")
    assert "happy" in root.runs("sh", "-c", f"mirrord look {PORTRAIT}")
    (root.path / "srv/least.toml").write_text(LEAST)
    checked = root.runs("sh", "-c", CHECK)
    assert re.search(r"ok.*camera", checked), checked
    found = root.runs("mirrord", "devices")
    for driver in ("hue", "audio", "thermostat", "hub_entities"):
        assert driver in found
    assert "PortAudio is missing" not in found
    if arch == own_arch():  # emulated it would be too slow to see anything in six seconds
        said = root.runs("sh", "-c", DEMO)
        assert "is running" in said
        assert "Traceback" not in said


def _is_used(root: Root) -> None:
    """Somebody has an account, a password for a broker and settings of their own."""
    # As systemd makes it for a service of a dynamic user.
    (root.path / "var/lib/private/mirrord").mkdir(parents=True, mode=0o700)
    (root.path / "var/lib/mirrord").symlink_to("private/mirrord")
    said = root.runs("mirrord", "user", "add", "anna", "-c", SETTINGS, typed="a long password\n")
    assert "added as owner" in said
    (root.path / "etc/mirrord/secrets/mqtt.password").touch()
    settings = root.path / SETTINGS[1:]
    settings.write_text(settings.read_text().replace('name = "Mirror" ', 'name = "Hallway"'))


def _is_upgraded(root: Root) -> None:
    assert "version 9.9" in root.runs("mirrord", "--version")
    assert "anna" in root.runs("mirrord", "user", "list", "-c", SETTINGS)
    assert 'name = "Hallway"' in (root.path / SETTINGS[1:]).read_text()
    assert "that is new" in (root.path / f"{SETTINGS[1:]}.dpkg-dist").read_text()
    assert (root.path / "etc/mirrord/secrets/mqtt.password").exists()


def _goes(root: Root) -> None:
    """Removed it leaves settings and records, purged nothing."""
    assert "stay in /var/lib/mirrord" in root.runs("apt-get", "remove", "-y", "mood-mirror")
    assert (root.path / SETTINGS[1:]).exists()
    assert list((root.path / "var/lib/private/mirrord").glob("*.sqlite3"))
    assert not [one for one in root.files() if OWN.search(one) and one.startswith(("/opt", "/usr"))]
    assert "deleting all records" in root.runs("apt-get", "purge", "-y", "mood-mirror")


def _left(root: Root, before: set[str]) -> set[str]:
    """Return what is there that was not before, and belongs to no package that came along."""
    (root.path / "srv/least.toml").unlink()
    lists = (root.path / "var/lib/dpkg/info").glob("*.list")
    listed = {line for one in lists for line in one.read_text().splitlines()}
    listed |= {f"/usr{one}" for one in listed}
    new = root.files() - before - listed - {"/var/lib/private"}
    assert not [one for one in listed if OWN.search(one)]
    return {one for one in new if OWN.search(one) or not MADE_BY_OTHERS.search(one)}
