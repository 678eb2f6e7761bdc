"""How much room the mirror's files take, looked at once a minute in a thread of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mirrord.health.signs import Disk

EVERY_S: Final = 60.0


class DiskWatch:
    """Keeps `found` up to date; None until the first look, and where the disk does not say."""

    def __init__(self, path: Path, budget_bytes: Callable[[], int]) -> None:
        self._path = path
        self._budget_bytes = budget_bytes
        self.found: Disk | None = None

    async def run(self) -> None:
        """Look for ever."""
        while True:
            budget = self._budget_bytes()
            self.found = await asyncio.to_thread(look, self._path, budget)
            await asyncio.sleep(EVERY_S)


def look(path: Path, budget_bytes: int) -> Disk | None:
    """Measure what belongs to the database at `path`, its log and copies that were set aside."""
    try:
        free = shutil.disk_usage(path.parent).free
        kept = sum(_size(one) for one in path.parent.glob(f"{path.name}*"))
    except OSError:
        return None
    return Disk(free, kept, budget_bytes)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # a log that was just folded away
        return 0
