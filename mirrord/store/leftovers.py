"""Copies of the database that were set aside, and how much of the disk they may keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

WORDS: Final = ("damaged", "before-restore")
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\S*?Z")


def asides(path: Path) -> Iterator[Path]:
    """Yield what was set aside of a database, logs included."""
    for word in WORDS:
        yield from path.parent.glob(f"{path.name}.{word}-*")


def keep_within(path: Path, most_bytes: int) -> int:
    """Delete the oldest copies until they take at most so many bytes. Return how many went.

    What is recorded now comes first: a copy gives way as the file beside it needs the room.
    """
    sizes = {}
    for one in asides(path):
        with suppress(OSError):
            sizes[one] = one.stat().st_size
    gone = 0
    for one in sorted(sizes, key=_stamp):
        if sum(sizes.values()) <= most_bytes:
            break
        one.unlink(missing_ok=True)
        del sizes[one]
        gone += 1
    return gone


def _stamp(path: Path) -> str:
    """Return when it was set aside, as its name says."""
    found = _STAMP.findall(path.name)
    return found[-1] if found else ""
