"""Packages as they are built for others, and environments to install them into."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent


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


def deb(folder: Path, wheel: Path, libraries: bool = True) -> Path:
    """Build the Debian package."""
    more = {"DEB_WHEEL": str(wheel), "DEB_OUT": str(folder)}
    more |= {"DEB_LEVEL": "3"} if libraries else {"DEB_LEVEL": "1", "DEB_LIBRARIES": "no"}
    said = run("sh", "scripts/deb/build.sh", cwd=ROOT, env=os.environ | more)
    return Path(said.stdout.strip().splitlines()[-1])


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
