"""Making a backup: every part copied, checked, sealed with a checksum, in one file of mode 0600."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

import mirrord
from mirrord.backup.copy import copy_database, whose
from mirrord.backup.manifest import (
    ACCOUNTS,
    CONSENT,
    LIST,
    RECORDS,
    SECRETS,
    SETTINGS,
    Manifest,
    Sealed,
    secret_files,
    targets,
)
from mirrord.backup.purge import without_place, without_secrets
from mirrord.config import Config, store_path
from mirrord.errors import MirrorError
from mirrord.settings.overlay_file import OverlayFile
from mirrord.settings.start import settings_in_force

_PIECE: Final = 1024 * 1024
_EFFORT: Final = 3  # of the compression: a Pi has better things to do


def make_backup(base: Config, target: Path, *, secrets: bool, force: bool) -> Manifest:
    """Write all that a mirror with these settings keeps to `target`, also while it runs.

    Raises MirrorError if there is nothing, if `target` is there and not to be replaced, or if
    something is damaged.
    """
    if target.exists() and not force:
        raise MirrorError(f"{target} is there already; --force replaces it")
    places = targets(base) | {RECORDS: store_path(settings_in_force(base).config)}
    if not places[RECORDS].exists():
        raise MirrorError(f"{places[RECORDS]} is missing: no mirror has run with these settings")
    with _told(target), tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
        folder = Path(name)
        found = _collected(base, folder, places, secrets)
        part = folder / "whole"
        manifest = _sealed(part, found, _manifest(folder, _left_out(base, folder, secrets)))
        part.replace(target)
    return manifest


def _collected(
    base: Config, folder: Path, places: dict[str, Path], secrets: bool
) -> dict[str, Path]:
    """Bring copies of everything into `folder`; return them by their names in the backup."""
    found = {}
    for name in (RECORDS, ACCOUNTS):
        if places[name].exists():
            copy_database(places[name], folder / name)
            found[name] = folder / name
    if places[SETTINGS].exists():
        found[SETTINGS] = folder / SETTINGS
    if places[CONSENT].exists():
        (folder / CONSENT).write_bytes(places[CONSENT].read_bytes())
        found[CONSENT] = folder / CONSENT
    if secrets:
        there = secret_files(settings_in_force(base).config)
        found |= {f"{SECRETS}{name}": path for name, path in there.items()}
    return found


def _left_out(base: Config, folder: Path, secrets: bool) -> tuple[str, ...]:
    """Write what was changed on the page, with or without passwords; return the keys left out."""
    file = OverlayFile(base)
    if not file.path.exists():
        return ()
    overlay = without_place(file.read()[0])
    left_out: tuple[str, ...] = ()
    if not secrets:
        overlay, left_out = without_secrets(overlay)
    (folder / SETTINGS).write_bytes(msgspec.json.encode(overlay))
    return left_out


def _manifest(folder: Path, left_out: tuple[str, ...]) -> Manifest:
    _, schema = whose(folder / RECORDS)
    database = sqlite3.connect(folder / RECORDS)
    try:
        readings: int = database.execute("SELECT count(*) FROM readings").fetchone()[0]
    finally:
        database.close()
    now = datetime.now(UTC)
    return Manifest(1, mirrord.__version__, now, schema, readings, {}, left_out)


def _sealed(part: Path, found: dict[str, Path], manifest: Manifest) -> Manifest:
    """Write the file, the list last; it is on the disk when this returns."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_EFFORT) as archive:
            sealed = {name: _added(archive, name, path) for name, path in found.items()}
            manifest = msgspec.structs.replace(manifest, files=sealed)
            text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            archive.writestr(LIST, text)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _added(archive: zipfile.ZipFile, name: str, path: Path) -> Sealed:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as sink:
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            sink.write(piece)
    return Sealed(size, digest.hexdigest())


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MirrorError(f"{target} cannot be written: {error.strerror or error}") from None
