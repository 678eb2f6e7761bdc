"""The wheel and the Debian package: all that belongs there is, and runs without the sources."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import cv2
import pytest
import skimage.data

import mirrord
from mirrord.config import load
from mirrord.service import UNITS
from scripts.deb import same
from tests.packages import ROOT, deb, environment, run, wheel

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
SOURCES = ("mirrord", *(f"drivers/{one.name}" for one in (ROOT / "drivers").glob("mirrord_*")))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("installed") / "env", built)


@pytest.fixture(scope="module")
def package(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return deb(tmp_path_factory.mktemp("deb"), built)


def sources() -> set[str]:
    """Return every file of our own packages, by the name that it has when installed."""
    return {
        str(file.relative_to(ROOT)).removeprefix("drivers/")
        for source in SOURCES
        for file in (ROOT / source).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_wheel_has_every_file_and_the_settings_and_units(built: Path):
    names = set(zipfile.ZipFile(built).namelist())
    assert not sources() - names
    assert {"mirrord/mirrord.toml", *(f"mirrord/{unit}" for unit in UNITS)} <= names
    assert not [name for name in names if "test_" in name or "__pycache__" in name]
    outside = {name.split("/")[0] for name in names} - {one.split("/")[-1] for one in SOURCES}
    assert outside == {f"mood_mirror-{mirrord.__version__}.dist-info"}


def test_the_sdist_builds_the_same_wheel(built: Path, tmp_path: Path):
    sdist = wheel(tmp_path / "sdist", "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / sdist.name.removesuffix(".tar.gz")
    again = tmp_path / "again"
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", again, cwd=source)
    same = zipfile.ZipFile(again / built.name)
    assert sorted(same.namelist()) == sorted(zipfile.ZipFile(built).namelist())


def mirror(python: Path, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command where none of our sources is near."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env = kept | {"STATE_DIRECTORY": str(tmp_path), "COLUMNS": "200"}
    return run(python.with_name("mirrord"), *words, cwd=tmp_path, env=env)


def test_an_installed_mirror_sees_a_smile(python: Path, tmp_path: Path):
    cv2.imwrite(str(tmp_path / "face.png"), skimage.data.astronaut()[:, :, ::-1])
    said = mirror(python, tmp_path, "look", "--json", "face.png")
    assert json.loads(said.stdout)["expression"] == "happy"


def test_an_installed_mirror_has_its_drivers_its_service_and_its_name(python: Path, tmp_path: Path):
    assert mirrord.__version__ in mirror(python, tmp_path, "--version").stdout
    found = mirror(python, tmp_path, "devices").stdout
    for driver in ("hue", "audio", "thermostat", "hub_entities"):
        assert driver in found
    unit = mirror(python, tmp_path, "install-service").stdout
    assert f"ExecStart={python} -P -m mirrord run" in unit
    where = run(python, "-P", "-c", "import mirrord; print(mirrord.__file__)", cwd=tmp_path)
    assert str(python.parent.parent) in where.stdout


def test_the_package_is_for_this_release_and_says_so(package: Path):
    def field(name: str) -> str:
        return run("dpkg-deb", "-f", package, name).stdout.strip()

    minor = int(run("/usr/bin/python3", "-c", "import sys; print(sys.version_info[1])").stdout)
    assert field("Version").startswith(f"{mirrord.__version__}+deb")
    assert field("Architecture") == run("dpkg", "--print-architecture").stdout.strip()
    needs = field("Depends")
    assert f"python3 (>= 3.{minor}), python3 (<< 3.{minor + 1})" in needs
    assert "libportaudio2" in needs
    assert int(field("Installed-Size")) > 5000


def test_a_package_of_other_sources_or_of_another_commit_is_told(
    built: Path, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    commit = run("git", "log", "-1", "--format=%ct", cwd=ROOT).stdout.strip()
    assert same.main(built, commit, [package]) == 0
    assert same.main(built, "1", [package]) == 1
    other = tmp_path / built.name
    with zipfile.ZipFile(built) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text + b"mirrord/more.py,sha256=x,1" * name.endswith("/RECORD"))
    assert same.main(other, commit, [package]) == 1
    assert f"{package} was built from other sources" in capsys.readouterr().out


def test_a_kind_that_there_is_not_is_refused_in_a_sentence():
    for wrong, said in (({"SUITE": "sid"}, 'not "sid"'), ({"ARCH": "armhf"}, "32-bit")):
        done = subprocess.run(
            ["sh", "scripts/deb/make.sh"],
            cwd=ROOT,
            env=os.environ | wrong,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_the_package_has_its_files_where_they_belong_and_all_are_root_s(package: Path):
    listed = run("dpkg-deb", "-c", package).stdout.splitlines()
    names = {line.split(None, 5)[5].removeprefix(".") for line in listed}
    assert all(line.split()[1] == "root/root" for line in listed)
    assert "/usr/bin/mirrord -> /opt/mood-mirror/bin/mirrord" in names
    for name in (
        "/etc/mirrord/mirrord.toml",
        "/opt/mood-mirror/bin/mirrord",
        *(f"/usr/lib/systemd/system/{unit}" for unit in UNITS),
        "/usr/lib/systemd/system/mirrord-collective.service",
        "/usr/share/doc/mood-mirror/copyright",
        "/usr/share/doc/mood-mirror/install.md",
    ):
        assert name in names
    secret = next(line for line in listed if line.endswith("./etc/mirrord/secrets/"))
    assert secret.startswith("drwx------")
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]
    top = {name.split("/")[1] for name in names}
    assert top == {"", "etc", "opt", "usr"}


def test_what_is_unpacked_runs_from_its_place_and_names_no_other(package: Path, tmp_path: Path):
    run("dpkg-deb", "-x", package, tmp_path)
    home = tmp_path / "opt/mood-mirror"
    assert (home / "bin/mirrord").read_text().startswith("#!/opt/mood-mirror/bin/python3\n")
    assert "include-system-site-packages = true" in (home / "pyvenv.cfg").read_text()
    for unit in (tmp_path / "usr/lib/systemd/system").iterdir():
        program = re.search(r"^ExecStart=(\S+)", unit.read_text(), re.MULTILINE)
        assert bool(program) == (unit.suffix == ".service")
        assert not program or (tmp_path / program[1].removeprefix("/")).is_file()
        papers = re.search(r"^Documentation=file://(\S+)", unit.read_text(), re.MULTILINE)
        assert papers
        assert (tmp_path / papers[1].removeprefix("/")).is_file()
    settings = load(tmp_path / "etc/mirrord/mirrord.toml")
    assert settings.web.host == "0.0.0.0"
    assert settings.web.password == "required"
    copyright = (tmp_path / "usr/share/doc/mood-mirror/copyright").read_text()
    assert "MIT License" in copyright
    assert "yunet" in copyright


def test_the_maintainer_scripts_are_clean(package: Path, tmp_path: Path):
    run("dpkg-deb", "-e", package, tmp_path)
    for name in SCRIPTS:
        text = (tmp_path / name).read_text()
        assert not re.search("@[A-Z]+@", text)
        assert os.access(tmp_path / name, os.X_OK)
        run("sh", "-n", tmp_path / name)
    scripts = sorted(ROOT.glob("scripts/**/*.sh"))
    run(
        "shellcheck",
        "--severity=warning",
        "--shell=sh",
        *(tmp_path / name for name in SCRIPTS),
        *scripts,
    )
    assert (tmp_path / "conffiles").read_text() == "/etc/mirrord/mirrord.toml\n"


def test_another_python_is_told_which_package_it_wants(package: Path, tmp_path: Path):
    run("dpkg-deb", "-e", package, tmp_path)
    script = (tmp_path / "preinst").read_text()
    other = tmp_path / "python3"
    other.write_text("#!/bin/sh\necho 3.99\n")
    other.chmod(0o755)
    (tmp_path / "preinst").write_text(script.replace("/usr/bin/python3", str(other)))
    done = subprocess.run(
        [tmp_path / "preinst", "install"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "has Python 3.99" in done.stderr
    (tmp_path / "preinst").write_text(script)
    run(tmp_path / "preinst", "install")
