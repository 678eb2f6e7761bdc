"""Packages as they are built for others, and environments to install them into."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from scripts.deb import same

ROOT = Path(__file__).parent.parent
NUMBER = {"bookworm": "deb12", "trixie": "deb13"}


def run(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command that has to succeed; what it said is shown if it does not."""
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done


def wheel(folder: Path, kind: str = "wheel") -> Path:
    """Build the wheel (or the sdist) as `make release` does."""
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=ROOT)
    return next(folder.glob("mood_mirror-*"))


def deb(folder: Path, wheel: Path) -> Path:
    """Build the Debian package without its libraries, in this system: it takes seconds."""
    more = {"DEB_WHEEL": str(wheel), "DEB_OUT": str(folder)}
    more |= {"DEB_LEVEL": "1", "DEB_LIBRARIES": "no"}
    said = run("sh", "scripts/deb/build.sh", cwd=ROOT, env=os.environ | more)
    return Path(said.stdout.strip().splitlines()[-1])


def kept(wheel: Path, suite: str, arch: str) -> Path | None:
    """Return the package in dist/ that `make debs` built of these very sources, if there is one."""
    commit = run("git", "log", "-1", "--format=%ct", cwd=ROOT).stdout.strip()
    for one in (ROOT / "dist").glob(f"mood-mirror_*+{NUMBER[suite]}_{arch}.deb"):
        if same.main(wheel, commit, [one]) == 0:
            return one
    return None


def fresh(folder: Path, wheel: Path, suite: str, arch: str) -> Path:
    """Build the package for a release and a processor, compressed in less time."""
    more = {"DEB_WHEEL": str(wheel), "DEB_OUT": str(folder), "DEB_LEVEL": "3"}
    said = run(
        *("sh", "scripts/deb/make.sh"),
        cwd=ROOT,
        env=os.environ | more | {"SUITE": suite, "ARCH": arch},
    )
    return Path(said.stdout.strip().splitlines()[-1])


def newer(package: Path, folder: Path, version: str) -> Path:
    """Return the package as its next version: its number, its code and its settings differ."""
    tree = folder / "tree"
    run("dpkg-deb", "--raw-extract", package, tree)
    own = next(tree.glob("opt/mood-mirror/lib/python3*/site-packages/mirrord/__init__.py"))
    for file, old, new in (
        (tree / "DEBIAN/control", r"^Version: [^+]+", f"Version: {version}"),
        (own, r'^__version__ = ".*"', f'__version__ = "{version}"'),
        (tree / "etc/mirrord/mirrord.toml", r"\A", "# A line that is new.\n"),
    ):
        file.write_text(re.sub(old, new, file.read_text(), count=1, flags=re.MULTILINE))
    options = {"DEB_OUT": str(folder), "DEB_LEVEL": "1"}
    said = run("sh", "scripts/deb/pack.sh", tree, cwd=ROOT, env=os.environ | options)
    shutil.rmtree(tree)
    return Path(said.stdout.strip())


def environment(folder: Path, wheel: Path) -> Path:
    """Return the Python of a fresh environment with the wheel in it.

    The libraries are those of this environment, so that it takes a second; whether the wheel names
    all that it needs is for `make test-install` to find out.
    """
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", "--no-compile", "-q", wheel)
    site = Path(
        run(python, "-c", "import sysconfig as s; print(s.get_path('purelib'))").stdout.strip()
    )
    # Only what is named in a .pth file is on the path: an editable mirror in there is not.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python
