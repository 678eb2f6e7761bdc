"""What a release says of itself: `release.json`, as `make release` writes it. Pure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from packaging.version import InvalidVersion, Version

from mirrord.errors import MirrorError

PROGRAM: Final = "mood-mirror"
NAME: Final = "release.json"
LONGEST: Final = 300  # letters of the notes
# File names are shown within commands to be copied: no letter of them means anything to a shell.
FileName = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+~-]*\Z", min_length=1, max_length=150)
]


class ReleaseFile(msgspec.Struct, frozen=True):
    """A file beside the description."""

    name: FileName
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Release(msgspec.Struct, frozen=True):
    """One release. What a later program adds to its description is passed over."""

    name: Literal["mood-mirror"]
    version: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z.!+_-]+\Z", max_length=40)]
    date: date
    notes: Annotated[str, msgspec.Meta(max_length=LONGEST)] = ""  # one line
    files: Annotated[tuple[ReleaseFile, ...], msgspec.Meta(max_length=64)] = ()

    def __post_init__(self) -> None:
        if not self.notes.isprintable():  # no second line, nothing that turns the text around
            raise ValueError("notes: expected one line of text")
        try:
            Version(self.version)
        except InvalidVersion:
            raise ValueError("version: expected a version such as 1.2.0") from None


def release_in(body: bytes) -> Release:
    """Return the release that a description tells of. Raises MirrorError."""
    try:
        return msgspec.json.decode(body, type=Release)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MirrorError("It answered what is no description of a release.") from None


def is_newer(version: str, installed: str) -> bool:
    """Tell whether a version is one to go to: candidates are for those who have one already."""
    found, ours = Version(version), Version(installed)
    return found > ours and (not found.is_prerelease or ours.is_prerelease)
