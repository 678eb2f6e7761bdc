"""Putting a backup back: looked through first, and what is there now set aside, never deleted."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from mirrord.accounts.opening import APPLICATION_ID as ACCOUNTS_ID
from mirrord.backup.copy import damage, whose
from mirrord.backup.manifest import (
    ACCOUNTS,
    CONSENT,
    LIST,
    RECORDS,
    SECRETS,
    SETTINGS,
    Manifest,
    expected_secrets,
    targets,
)
from mirrord.config import Config, state_dir
from mirrord.errors import MirrorError, Unavailable
from mirrord.runtime.files import belong_to_folder
from mirrord.settings.overlay import Overlay
from mirrord.settings.start import settings_in_force
from mirrord.status import NotRunning, ask, socket_path
from mirrord.store.schema import APPLICATION_ID as RECORDS_ID
from mirrord.store.schema import MIGRATIONS

_PIECE: Final = 1024 * 1024
_LONGEST_LIST: Final = 1_000_000
_LOGS: Final = ("-shm", "-wal", "")  # never a log without its file, if this is cut short


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, what was there before, and secrets for which there is no place."""

    manifest: Manifest
    set_aside: tuple[Path, ...]
    homeless: tuple[str, ...]


def restore(base: Config, file: Path, *, force: bool) -> Restored:
    """Put a backup back in the place that the settings say. Raises MirrorError, changing nothing.

    Refuses while a mirror runs there, and to replace what is there unless `force` is given.
    """
    _refuse_running(base)
    places = targets(base)
    folder = places[RECORDS].parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            zipfile.ZipFile(file) as archive,
            tempfile.TemporaryDirectory(dir=folder, prefix=".restore-") as staging,
        ):
            manifest = _unpacked(file, archive, Path(staging))
            _look_through(file, Path(staging), manifest)
            return _put(base, Path(staging), manifest, force)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise MirrorError(f"{file} is no backup of a Mood Mirror ({error})") from None
    except OSError as error:
        raise MirrorError(f"{error.filename or file}: {error.strerror or error}") from None


def _refuse_running(base: Config) -> None:
    try:
        ask(socket_path(base), "status")
    except NotRunning:
        return
    except Unavailable:
        pass
    raise MirrorError("a mirror is running with these settings: stop it, then restore")


def _unpacked(file: Path, archive: zipfile.ZipFile, staging: Path) -> Manifest:
    """Write every file of the list to `staging`, if it is as the list says."""
    try:
        with archive.open(LIST) as source:
            manifest = msgspec.json.decode(source.read(_LONGEST_LIST), type=Manifest)
    except (KeyError, msgspec.DecodeError):
        raise MirrorError(f"{file} is no backup of a Mood Mirror that this one knows") from None
    if RECORDS not in manifest.files:
        raise MirrorError(f"{file} holds no records")
    (staging / SECRETS).mkdir()
    for name, sealed in manifest.files.items():
        if not _known(name):
            raise MirrorError(f"{file} holds {name!r}, which no Mood Mirror puts there")
        if _written(archive, name, staging / name, sealed.bytes) != sealed.sha256:
            raise MirrorError(f"{file} is damaged: {name} is not what was written")
    return manifest


def _known(name: str) -> bool:
    inner = name.removeprefix(SECRETS)
    plain = inner.replace(".", "").replace("_", "").replace("-", "").isalnum()
    return name in (RECORDS, ACCOUNTS, SETTINGS, CONSENT) or (name != inner and plain)


def _written(archive: zipfile.ZipFile, name: str, path: Path, most: int) -> str:
    """Write a file of at most so many bytes; return its checksum, "" if it is not so."""
    digest, left = hashlib.sha256(), most
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        try:
            with archive.open(name) as source:
                while piece := source.read(min(_PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        return ""
                    digest.update(piece)
                    sink.write(piece)
        except (KeyError, zipfile.BadZipFile):
            return ""
        sink.flush()
        os.fsync(sink.fileno())
    return digest.hexdigest()


def _look_through(file: Path, staging: Path, manifest: Manifest) -> None:
    """See that what is to be put in place can be used by this mirror. Raises MirrorError."""
    for name, owner, newest in (
        (RECORDS, RECORDS_ID, len(MIGRATIONS)),
        (ACCOUNTS, ACCOUNTS_ID, 1),
    ):
        if name not in manifest.files:
            continue
        if trouble := damage(staging / name):
            raise MirrorError(f"{file}: {name} is damaged ({trouble})")
        found, version = whose(staging / name)
        if found != owner:
            raise MirrorError(f"{file}: {name} is another program's")
        if version > newest:
            raise MirrorError(f"{file}: {name} is a newer Mood Mirror's; install that one first")
    if SETTINGS in manifest.files:
        try:
            msgspec.json.decode((staging / SETTINGS).read_bytes(), type=Overlay)
        except msgspec.DecodeError as error:
            raise MirrorError(f"{file}: {SETTINGS} cannot be used ({error})") from None


def _put(base: Config, staging: Path, manifest: Manifest, force: bool) -> Restored:
    """Set aside what is there, and move everything into its place."""
    places = {name: path for name, path in targets(base).items() if name in manifest.files}
    if CONSENT in places and places[CONSENT].exists():
        del places[CONSENT]  # a withdrawal is not undone by an older backup
    places[SETTINGS] = targets(base)[SETTINGS]
    there = [path for path in places.values() if path.exists()]
    if there and not force:
        names = ", ".join(map(str, there))
        raise MirrorError(f"{names}: there already; --force sets that aside and restores")
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}"[:-3] + "Z"
    aside = tuple(_set_aside(path, stamp) for path in there)
    for name in (SETTINGS, CONSENT, ACCOUNTS, RECORDS):
        if name in places and name in manifest.files:
            _move(staging / name, places[name])
    homeless = _put_secrets(base, staging, manifest, stamp)
    _settle(places[RECORDS].parent)
    return Restored(manifest, aside, homeless)


def _put_secrets(base: Config, staging: Path, manifest: Manifest, stamp: str) -> tuple[str, ...]:
    """Put each secret where the settings, never where the backup, say that it belongs."""
    places = expected_secrets(settings_in_force(base).config)
    homeless = []
    for name in manifest.files:
        inner = name.removeprefix(SECRETS)
        if inner == name:
            continue
        own = inner.removeprefix("state.")
        place = state_dir() / own if own != inner and own.endswith(".key") else places.get(inner)
        if place is None or not place.parent.is_dir():
            homeless.append(inner)
            continue
        if place.exists():
            _set_aside(place, stamp)
        _move(staging / name, place)
    return tuple(homeless)


def _set_aside(path: Path, stamp: str) -> Path:
    aside = path.with_name(f"{path.name}.before-restore-{stamp}")
    for end in _LOGS:
        if (part := path.with_name(path.name + end)).exists():
            part.rename(aside.with_name(aside.name + end))
    return aside


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError:  # on another disk
        target.write_bytes(source.read_bytes())
        target.chmod(0o600)
    belong_to_folder(target)


def _settle(folder: Path) -> None:
    """See that the names are on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
