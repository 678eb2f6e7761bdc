"""The wheel in a system for 64-bit ARM, and what a 32-bit system is told."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
import skimage.data

from tests.install.roots import Root
from tests.packages import run

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]
QEMU = "qemu-aarch64-static"
PLACE = "opt/mirror"
# What is needed depends on the last digit of the version, too: it has to be that of the root.
DEBIAN_PYTHON = "/usr/bin/python3"
EXTRAS = "[collective,parquet]"
# Wheels that a Pi takes: the C library of bookworm is newer than any of these asks for.
PLATFORMS = [f"manylinux_2_{minor}_aarch64" for minor in (17, 24, 26, 27, 28, 31, 34, 35)]
IMPORT_ALL = """
import importlib, pkgutil, sys
import mirrord, mirrord_audio, mirrord_hub_entities, mirrord_hue, mirrord_thermostat
# What runs when it is imported, what only alembic runs, and what needs pytest.
RUN = ("mirrord.__main__", "mirrord.vision.__main__")
LEFT = (*RUN, "mirrord.collective.migrations", "mirrord.testing")
count = 0
for top in (mirrord, mirrord_audio, mirrord_hub_entities, mirrord_hue, mirrord_thermostat):
    for one in pkgutil.walk_packages(top.__path__, top.__name__ + "."):
        if not one.name.startswith(LEFT):
            importlib.import_module(one.name)
            count += 1
import ctypes, platform, cv2, numpy, zeroconf
print(platform.machine(), count, ctypes.CDLL("libportaudio.so.2").Pa_GetVersion() > 0)
"""


def wheels_for_arm(wheel: Path, folder: Path, minor: int) -> None:
    """Fetch what the wheel needs on 64-bit ARM; pure Python that comes as source is built here."""
    pip = (sys.executable, "-m", "pip", "--python", DEBIAN_PYTHON)
    for name in ("phue", "sdnotify"):
        run(*pip, "wheel", "-q", "--no-deps", "--wheel-dir", folder, name)
    platforms = [f"--platform={one}" for one in PLATFORMS]
    constraints = Path(f"scripts/deb/constraints-3.{minor}.txt")
    more = ["--constraint", str(constraints)] if constraints.exists() else []
    run(
        *(*pip, "download", "-q", "--only-binary=:all:", f"--python-version=3.{minor}"),
        *(*platforms, f"--find-links={folder}", "--dest", folder, *more, f"{wheel}{EXTRAS}"),
    )


@pytest.fixture(scope="module")
def arm(wheel: Path, system: Callable[..., Root], tmp_path_factory: pytest.TempPathFactory) -> Root:
    """Python and PortAudio for ARM, unpacked; the wheel and its libraries beside them.

    Programs of it are run through QEMU by name, since not every machine lets QEMU be registered.
    """
    folder = tmp_path_factory.mktemp("wheels")
    root = system("arm64", ["python3", "libportaudio2", "libstdc++6"], "--variant=extract")
    python = next((root.path / "usr/bin").glob("python3.[0-9][0-9]"))
    minor = int(python.name.partition(".")[2])
    wheels_for_arm(wheel, folder, minor)
    run(
        *(sys.executable, "-m", "pip", "--python", DEBIAN_PYTHON, "install", "-q"),
        *("--no-index", "--no-compile", "--only-binary=:all:", f"--find-links={folder}"),
        *(f"--python-version=3.{minor}", *(f"--platform={one}" for one in PLATFORMS)),
        *("--target", root.path / PLACE, f"{wheel}{EXTRAS}"),
    )
    shutil.copy(shutil.which(QEMU) or QEMU, root.path / "usr/bin")
    return root


def python(root: Root, *words: str) -> str:
    path = next((root.path / "usr/bin").glob("python3.[0-9][0-9]")).name
    env = ("-E", f"PYTHONPATH=/{PLACE}", "-E", "LD_LIBRARY_PATH=")
    return root.runs(f"/usr/bin/{QEMU}", *env, f"/usr/bin/{path}", *words)


def test_everything_is_imported_on_arm(arm: Root):
    machine, count, sound = python(arm, "-W", "ignore", "-c", IMPORT_ALL).split()[-3:]
    assert machine == "aarch64"
    assert int(count) > 250
    assert sound == "True"


def test_a_smile_is_seen_on_arm(arm: Root):
    cv2.imwrite(str(arm.path / "face.png"), skimage.data.astronaut()[:, :, ::-1])
    said = python(arm, "-m", "mirrord", "look", "--json", "/face.png")
    there = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    here = json.loads(
        run(sys.executable, "-m", "mirrord", "look", "--json", arm.path / "face.png").stdout
    )
    assert there["expression"] == here["expression"] == "happy"
    assert there["confidence"] == pytest.approx(here["confidence"], abs=0.02)


def test_a_32_bit_system_is_told_in_a_sentence(wheel: Path, system: Callable[..., Root]):
    root = system("i386", ["python3"], "--variant=extract")
    run(
        *(sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--no-deps"),
        *("--target", root.path / "opt/mirror", wheel),
    )
    run(
        *(sys.executable, "-m", "pip", "install", "-q", "--no-compile"),
        *("--only-binary=:all:", "--platform=any", "--target", root.path / "opt/mirror"),
        *("click", "rich"),
    )
    demo = "import sys; sys.path.insert(0, '/opt/mirror'); sys.argv = ['mirrord', 'demo']"
    done = root.does("/usr/bin/python3", "-c", f"{demo}; from mirrord.cli import main; main()")
    assert done.returncode == 1
    assert "64-bit" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
