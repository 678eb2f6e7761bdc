"""What a backup consists of: a ZIP file with databases, settings, and a list with checksums."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from mirrord.config import Config, accounts_path, consent_path, state_dir, store_path
from mirrord.settings.overlay import tables_of
from mirrord.settings.overlay_file import OverlayFile
from mirrord.sync.link import link_path

LIST: Final = "manifest.json"
RECORDS: Final = "records.sqlite3"
ACCOUNTS: Final = "accounts.sqlite3"
SETTINGS: Final = "settings.json"
CONSENT: Final = "consent.json"
SECRETS: Final = "secrets/"


class Sealed(msgspec.Struct, frozen=True):
    """A file of the backup, as it has to be found."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The list. `left_out` names settings that hold a password and so are not in it."""

    format: Literal[1]
    mirrord: str
    created: datetime  # UTC
    schema: int  # of the records
    readings: int
    files: dict[str, Sealed]
    left_out: tuple[str, ...] = ()


def targets(base: Config) -> dict[str, Path]:
    """Return where each file of a backup belongs, but for secrets."""
    return {
        RECORDS: store_path(base),
        ACCOUNTS: accounts_path(base),
        SETTINGS: OverlayFile(base).path,
        CONSENT: consent_path(base),
    }


def secret_files(config: Config) -> dict[str, Path]:
    """Return the files that settings name, and keys among the mirror's own files, by their names.

    The same settings give the same names, so that a backup cannot say where a secret is put.
    """
    named = expected_secrets(config)
    own = {f"state.{path.name}": path for path in state_dir().glob("*.key")}
    found = named | {name: path for name, path in own.items() if path not in named.values()}
    return {name: path for name, path in found.items() if path.is_file()}


def expected_secrets(config: Config) -> dict[str, Path]:
    """Return where the secrets of these settings belong, whether or not they are there.

    One is the link to a collective: where somebody has unlinked since, its credential is void.
    """
    named = {
        f"{table}.{key}": Path(value).expanduser()
        for table, values in _tables(config)
        for key, value in values.items()
        if key.endswith("_file") and isinstance(value, str) and value
    }
    return {**named, "sync.link": link_path(config)}


def _tables(config: Config) -> list[tuple[str, dict[str, object]]]:
    tables = tables_of(config)
    drivers = tables.pop("drivers")
    return [*tables.items(), *((f"drivers.{name}", table) for name, table in drivers.items())]
