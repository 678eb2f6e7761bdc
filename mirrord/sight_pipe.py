"""What the daemon and a vision process have between them, whoever started the process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

CHUNK = 64 * 1024


class Link(Protocol):
    """The daemon's end of a vision process that was given its order."""

    pid: int | None  # of a child; systemd alone knows that of a unit

    async def read(self) -> bytes:
        """Wait for what it says; nothing more comes after b""."""

    def kill(self) -> None:
        """End it if that can be done from here: it gives no sign of life."""

    async def ended(self) -> str:
        """Say how it ended, once it has said its last."""

    async def close(self) -> None:
        """Have it end, if it has not. Returns when it is gone, and so its camera is free."""


class Lines:
    """Cuts a stream of bytes into lines, and never keeps more than one of the greatest length."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""
        self._too_long = False

    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        """Return the lines that are complete now, None in the place of one that is too long."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        for line in whole:
            yield None if self._too_long or len(line) > self._longest else line
            self._too_long = False
        self._too_long = self._too_long or len(rest) > self._longest
        self._rest = b"" if self._too_long else rest
