"""How a person at this computer's console reaches this very mirror."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

from mirrord.config import Config, store_path

DEMO: Final = "demo.toml"  # which the demo writes beside its records
GAP: Final = "{command}"
SERVICE: Final = Path("/etc/mirrord")  # whose files are root's


def console_line(config: Config) -> str:
    """Return the command line for this mirror, with a gap for the command: `user list`, `code`."""
    places = Path(config.file), store_path(config).with_name(DEMO)
    settings = next((path for path in places if path.is_file()), None)
    by_root = ["sudo"] if settings and settings.is_relative_to(SERVICE) else []
    named = ["-c", _typed(settings)] if settings else []
    return " ".join([*by_root, _program(), GAP, *named])


def _program() -> str:
    """Return the command itself; a service may have been started as a module."""
    if shutil.which("mirrord"):
        return "mirrord"
    started = Path(sys.argv[0])
    return _typed(started if started.name == "mirrord" else Path(sys.executable).parent / "mirrord")


def _typed(path: Path) -> str:
    """Return a path as one types it; it is shown to whoever sees the page, so no user's name."""
    quoted = shlex.quote(str(path))
    home = Path(os.path.expanduser("~"))  # "~" for a service's user, who has none
    if quoted != str(path) or home == Path("/") or not path.is_relative_to(home):
        return quoted
    return f"~/{path.relative_to(home)}"
