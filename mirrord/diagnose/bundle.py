"""The bundle: a ZIP file of mode 0600 with JSON files that anybody can read before sending it.

No reading, no mood, no picture, no secret, no address and no name is in it (docs/reliability.md).
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from mirrord.backup.manifest import secret_files
from mirrord.config import Config, accounts_path, store_path
from mirrord.diagnose.machine import database, files, versions
from mirrord.diagnose.scrub import Scrubber, settings_shown
from mirrord.driver_host import installed_plugins
from mirrord.errors import MirrorError
from mirrord.settings.start import settings_in_force
from mirrord.status import ask, socket_path

LOG_LINES: Final = 500
_JOURNAL_S: Final = 10.0
UNITS: Final = ("mirrord.service", "mirrord-vision@*.service")


def write_bundle(base: Config, target: Path, *, force: bool) -> list[str]:
    """Write the bundle and return the names of what is in it. Raises MirrorError."""
    if target.exists() and not force:
        raise MirrorError(f"{target} is there already; --force replaces it")
    layers = settings_in_force(base)
    secrets = [*secret_files(layers.config).values()]
    scrubber = Scrubber(layers.config, secrets)
    parts: dict[str, Any] = {
        "versions.json": versions(),
        "settings.json": {
            "in_force": settings_shown(layers.config),
            "changed_on_the_page": sorted(layers.overlay.values),
            "notices": list(layers.notices),
        },
        "status.json": _status(base),
        "files.json": files(store_path(layers.config)),
        "records.json": database(store_path(layers.config)),
        "accounts.json": database(accounts_path(layers.base)),
        "drivers.json": {name: one.title for name, one in installed_plugins().items()},
        "log.txt": _log(),
    }
    _write(target, {name: scrubber.value(part) for name, part in parts.items()})
    return [*parts]


def _status(base: Config) -> dict[str, Any]:
    """Return how the running mirror is, without what somebody has called it."""
    try:
        answer = ask(socket_path(base), "status")
    except MirrorError as error:
        return {"problem": str(error)}
    return {key: value for key, value in answer.items() if key not in ("name", "page")}


def _log() -> str:
    """Return the last lines of the service's journal, where there is one and it may be read."""
    command = [
        "journalctl",
        *(f"--unit={unit}" for unit in UNITS),
        f"--lines={LOG_LINES}",
        "--no-pager",
    ]
    try:
        found = subprocess.run(  # noqa: S603 - no shell, and the words are ours
            command, capture_output=True, timeout=_JOURNAL_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "the journal cannot be read here"
    return found.stdout.decode(errors="replace")


def _write(target: Path, parts: Mapping[str, Any]) -> None:
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(descriptor, "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, content in parts.items():
                archive.writestr(name, _text(content))
        part.replace(target)
    except OSError as error:
        raise MirrorError(f"{target} cannot be written: {error.strerror}") from None


def _text(content: Any) -> bytes:
    if isinstance(content, str):
        return content.encode(sys.getdefaultencoding(), errors="replace")
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
