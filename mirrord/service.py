"""The systemd units for a mirror that was installed with pipx or in a virtual environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from mirrord.config import load
from mirrord.driver_host import configured
from mirrord.errors import MirrorError

UNIT: Final = "mirrord.service"
# The first is enabled and brings the others: a vision process is started where it is asked for.
UNITS: Final = (UNIT, "mirrord-vision.socket", "mirrord-vision@.service")
SETTINGS: Final = Path("/etc/mirrord/mirrord.toml")
_SECRETS: Final = Path("/etc/mirrord/secrets")
_UNITS: Final = Path("/etc/systemd/system")
_PACKAGED: Final = ("/usr/lib/systemd/system", "/lib/systemd/system")
_BOOTED: Final = Path("/run/systemd/system")
_HOMES: Final = (Path("/home"), Path("/root"), Path("/run/user"))
_SYSTEMCTL_S: Final = 200.0  # starting is waited for, and the unit allows 180 s


def unit_text(
    name: str = UNIT, python: str = sys.executable, needed: Iterable[str] | None = None
) -> str:
    """Return a unit of this very installation, hardened as the packaged one.

    It sees no home folder, but for what of this installation lies in one.
    """
    homes = list(_in_homes([sys.prefix, sys.base_prefix, *sys.path] if needed is None else needed))
    what = f"mirrord run -c {SETTINGS}" if name == UNIT else "mirrord.vision"
    run = f"{_quoted(python.replace('$', '$$'))} -P -m {what}"
    lines = []
    for line in shipped(name, "systemd").splitlines():
        key = line.partition("=")[0]
        if key == "ExecStart":
            lines.append(f"ExecStart={run}")
        elif key == "ProtectHome" and homes:
            lines.append("ProtectHome=tmpfs")
            lines += [f"BindReadOnlyPaths={_quoted(str(home))}" for home in homes]
        elif key != "Documentation":
            lines.append(line)
    return "\n".join(lines) + "\n"


def install(root: Path, settings: Path | None = None) -> list[str]:
    """Write the units, and settings where there are none; enable and start the mirror.

    `root` is "/", or a system that is being prepared, where nothing is started. Return what was
    done, a sentence each. Raises MirrorError.
    """
    _refuse_second(root)
    if settings is not None:
        configured(load(settings).drivers, str(settings))
    said = []
    try:
        _below(root, _SECRETS).mkdir(mode=0o700, parents=True, exist_ok=True)
        said += _begin_settings(_below(root, SETTINGS), settings)
        folder = _below(root, _UNITS)
        folder.mkdir(parents=True, exist_ok=True)
        for name in UNITS:
            (folder / name).write_text(unit_text(name), encoding="utf-8")
            said.append(f"{folder / name} is written.")
    except OSError as error:
        raise MirrorError(f"{error.filename} cannot be written: {error.strerror}") from None
    return [*said, _enable(root)]


def remove(root: Path) -> list[str]:
    """Stop, disable and remove the units; settings and records stay. Raises MirrorError."""
    units = [_below(root, _UNITS) / name for name in UNITS]
    if not units[0].exists():
        raise MirrorError(f"{units[0]} does not exist: no service of this kind is installed")
    _systemctl(root, "disable", *(["--now"] if _running(root) else []), UNIT)
    gone = [unit for unit in units if unit.exists()]  # before there was a vision unit: the first
    for unit in gone:
        unit.unlink()
    if _running(root):
        _systemctl(root, "daemon-reload")
    return [
        *(f"{unit} is removed." for unit in gone),
        "Settings (/etc/mirrord) and records (/var/lib/mirrord) are still there; delete them if "
        "they are not wanted.",
    ]


def shipped(name: str, folder: str) -> str:
    """Return a file that lies within an installed package, or in `folder` of the sources."""
    package = Path(__file__).parent
    within = package / name
    return (within if within.exists() else package.parent / folder / name).read_text("utf-8")


def _refuse_second(root: Path) -> None:
    for place in _PACKAGED:
        unit = _below(root, Path(place)) / UNIT
        if unit.exists():
            raise MirrorError(f"{unit} is there already: the Debian package brings its own service")


def _begin_settings(target: Path, settings: Path | None) -> list[str]:
    """Put settings where there are none; those that are there stay as they are."""
    if target.exists():
        return [f"{target} is left as it is."]
    text = settings.read_text("utf-8") if settings else shipped("mirrord.toml", "config")
    target.write_text(text, encoding="utf-8")
    return [f"{target} is written: the settings."]


def _enable(root: Path) -> str:
    if not _running(root):
        _systemctl(root, "enable", UNIT)
        return "It is enabled, and starts when the system does."
    _systemctl(root, "daemon-reload")
    _systemctl(root, "enable", UNIT)
    _systemctl(root, "restart", UNIT)  # one that runs already runs with the units of before
    return "It is enabled and runs; `journalctl -u mirrord` shows what it says."


def _running(root: Path) -> bool:
    return root == Path("/") and _BOOTED.is_dir()


def _systemctl(root: Path, *words: str) -> None:
    command = ["systemctl", *([] if _running(root) else [f"--root={root}"]), *words]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the words are ours
            command, capture_output=True, text=True, timeout=_SYSTEMCTL_S, check=False
        )
    except FileNotFoundError:
        raise MirrorError("there is no systemctl: this system does not use systemd") from None
    except subprocess.TimeoutExpired:
        raise MirrorError(
            f"`{' '.join(command)}` did not end; see `journalctl -u mirrord`"
        ) from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise MirrorError(f"`{' '.join(command)}` failed: {said[0]}")


def _in_homes(paths: Iterable[str]) -> Iterator[Path]:
    """Yield the folders that lie in somebody's home, without those that lie in another of them."""
    folders = {Path(os.path.realpath(path)) for path in paths if path and Path(path).is_dir()}
    folders |= {Path(path) for path in paths if path and Path(path).is_dir()}
    homes = {one for one in folders if any(home in one.parents for home in _HOMES)}
    yield from sorted(one for one in homes if not homes & set(one.parents))


def _below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _quoted(text: str) -> str:
    """Return a path as a unit means it: `%` means something else there, and spaces divide."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if " " in text or '"' in text else escaped
