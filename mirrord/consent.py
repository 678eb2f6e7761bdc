"""Consent: who agreed to the house rules, when, for which room; without it no camera looks.

It has a file of its own, beside the accounts: records may be deleted, damaged or moved, and a
withdrawal must outlive all of that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from mirrord.errors import Unavailable
from mirrord.runtime.files import replace_file

_log = logging.getLogger(__name__)

RULES: Final = 1  # the version of the house rules that people agree to
Room = Literal["home", "shared"]
State = Literal["needed", "kept", "given", "withdrawn"]
_ALLOWED: Final = frozenset({"kept", "given"})
_MOST: Final = 1000


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happened: agreed, withdrawn, or a camera that was in use before anybody was asked."""

    at: datetime  # UTC
    what: Literal["kept", "given", "withdrawn"]
    by: str = ""  # the user's name; empty for whoever uses this computer itself
    room: Room | None = None
    rules: int = RULES


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    v: Literal[1] = 1
    entries: tuple[Entry, ...] = ()


def watches(source: int | str) -> bool:
    """Tell whether a `[camera] source` looks at a room as it is now: a film or pictures do not."""
    if isinstance(source, int) or source.isdecimal() or source == "picamera2" or "://" in source:
        return True
    path = Path(source).expanduser()
    if source.startswith("/dev/") or path.resolve().is_relative_to("/dev"):
        return True
    return path.is_char_device() or path.is_fifo() or path.is_socket()


class Consent:
    """What was agreed to. `begin` reads the file, once; the other methods write it and may block.

    `in_use` says whether there were an owner and records before anybody was asked: then the camera
    goes on as it did, and the owner is asked (docs/decisions/).
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._path = path
        self._clock = clock
        self._entries: tuple[Entry, ...] = ()
        self.trouble = ""

    def begin(self, in_use: bool) -> None:
        """Read what was agreed to, or begin the file."""
        try:
            self._entries = msgspec.json.decode(self._path.read_bytes(), type=Written).entries
        except FileNotFoundError:
            self._found_nothing(in_use)
        except (OSError, UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            # Whatever it said, nobody can be shown to have agreed.
            reason = error.strerror if isinstance(error, OSError) else "it is damaged"
            self.trouble = f"{self._path} cannot be read ({reason}): agree again on the page"
            _log.warning("consent: %s", self.trouble)

    @property
    def state(self) -> State:
        return self._entries[-1].what if self._entries else "needed"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that happened, the oldest first."""
        return self._entries

    def allows(self, source: int | str) -> bool:
        """Tell whether the camera may look from there."""
        return self.state in _ALLOWED or not watches(source)

    def give(self, by: str, room: Room) -> None:
        """Note that somebody agreed. Raises Unavailable, and then nobody has."""
        before = self._entries
        self._entries = (*before, Entry(self._clock(), "given", by, room))[-_MOST:]
        try:
            self._write()
        except Unavailable:
            self._entries = before
            raise

    def withdraw(self, by: str) -> None:
        """Note that somebody agrees no longer. That holds even where it raises Unavailable."""
        if self.state != "withdrawn":
            self._entries = (*self._entries, Entry(self._clock(), "withdrawn", by))[-_MOST:]
        self._write()

    def shown(self, source: int | str) -> dict[str, Any]:
        """Return what pages show to everybody who may look."""
        last = self._entries[-1] if self._entries else None
        return {
            "state": self.state,
            "needed": watches(source),
            "allows": self.allows(source),
            "at": last.at.isoformat() if last else None,
        }

    def _found_nothing(self, in_use: bool) -> None:
        if in_use:
            self._entries = (Entry(self._clock(), "kept"),)
        try:
            self._write()  # the next start must not take this one for a time before asking
        except Unavailable as error:
            _log.warning("consent: %s", error)

    def _write(self) -> None:
        text = msgspec.json.format(msgspec.json.encode(Written(1, self._entries)), indent=2)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self.trouble and self._path.exists():
                self._path.replace(self._path.with_name(self._path.name + ".damaged"))
            replace_file(self._path, text + b"\n")
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be written: {error.strerror}") from None
        self.trouble = ""
