"""The database for a command: opened for each question, beside a mirror that may be running."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils import Database

from mirrord.errors import Unavailable
from mirrord.store.entries import Entry
from mirrord.store.failures import explain, is_passing
from mirrord.store.limits import Limits
from mirrord.store.opening import open_database

T = TypeVar("T")
_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.1


class FileBooks:
    """Implements `mirrord.sync.post.Books` over a file."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits

    async def put(self, entry: Entry) -> None:
        def write(database: Database) -> None:
            with database.atomic():
                entry.write(database)

        await asyncio.to_thread(self._with, write)

    async def ask(self, question: Callable[[Database], T]) -> T:
        return await asyncio.to_thread(self._with, question)

    def _with(self, work: Callable[[Database], T]) -> T:
        ends = time.monotonic() + _PATIENCE_S
        while True:
            try:
                database = open_database(self._path, self._limits, check=False)
                try:
                    return work(database)
                finally:
                    database.close()
            except (sqlite3.Error, OSError) as error:
                if not is_passing(error) or time.monotonic() > ends:
                    raise Unavailable(explain(self._path, error)) from None
            time.sleep(_PAUSE_S)
