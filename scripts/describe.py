"""Writes release.json into a folder with a release's files: python scripts/describe.py FOLDER.

It is what mirrors that ask for newer versions are told (docs/reliability.md). The notes are what
stands between the version's heading in CHANGELOG.md and its first list, or RELEASE_NOTES.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

import mirrord
from mirrord.updates.release import LONGEST, NAME, PROGRAM, Release, ReleaseFile, release_in

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"
NOT_LISTED = {NAME, "SHA256SUMS"}


def notes_of(changelog: str, version: str) -> str:
    """Return what is said of a version in one line, or of what is not released yet."""
    for heading in (re.escape(version), "Unreleased"):
        section = re.search(rf"^## \[?{heading}\b.*\n((?:(?!## ).*\n?)*)", changelog, re.MULTILINE)
        if section:
            return " ".join(re.split(r"^(?:### |- )", section[1], flags=re.MULTILINE)[0].split())
    return ""


def described(folder: Path, notes: str, moment: datetime) -> Release:
    """Return the description of the files in a folder."""
    files = [
        ReleaseFile(one.name, hashlib.sha256(one.read_bytes()).hexdigest())
        for one in sorted(folder.iterdir())
        if one.is_file() and one.name not in NOT_LISTED
    ]
    return Release(PROGRAM, mirrord.__version__, moment.date(), notes, tuple(files))


def main(folder: Path) -> None:
    """Write it, as a mirror can read it."""
    changelog = CHANGELOG.read_text(encoding="utf-8")
    notes = os.environ.get("RELEASE_NOTES") or notes_of(changelog, mirrord.__version__)
    if not 0 < len(notes) <= LONGEST:
        sys.exit(f"{CHANGELOG.name}: say what is new below the heading, in 1 to {LONGEST} letters")
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    text = msgspec.json.format(msgspec.json.encode(described(folder, notes, moment)), indent=2)
    release_in(text)  # or nobody could read it
    (folder / NAME).write_bytes(text + b"\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
