"""Whether the program's files are still those that run: an update waits for a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

EVERY_S: Final = 60.0

Print = tuple[int, int, int]


def print_of(folders: Iterable[Path]) -> Print:
    """Return the number of the programs' files, their sizes together, and the newest change."""
    count = size = newest = 0
    for folder in folders:
        for path in folder.rglob("*.py"):
            try:
                found = path.stat()
            except OSError:  # it goes while we look
                continue
            count, size, newest = count + 1, size + found.st_size, max(newest, found.st_mtime_ns)
    return count, size, newest


class Program:
    """Notices that files below `folders` are others than at the start."""

    def __init__(
        self, folders: Iterable[Path], changed: Callable[[], None], every_s: float = EVERY_S
    ) -> None:
        self._folders = tuple(folders)
        self._changed = changed
        self._every_s = every_s
        self.updated = False

    async def watch(self) -> None:
        """Look now and then, for ever. A file that is put back is no change."""
        first = await asyncio.to_thread(print_of, self._folders)
        while True:
            await asyncio.sleep(self._every_s)
            other = await asyncio.to_thread(print_of, self._folders) != first
            if other != self.updated:
                self.updated = other
                self._changed()
