"""The accounts' open file: how it is asked and how it is written. Blocking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from mirrord.accounts.opening import open_accounts, trouble, writing


class Shelf:
    """The open file. Every method raises MirrorError if the file cannot be used."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._database: Database = open_accounts(path)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> float:
        return self._clock()

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """Give the database itself, for what concerns neither users nor keys."""
        with trouble(self.path):
            yield self._database

    def fact(self, key: str) -> str:
        """Return a fact about the file, or ""."""
        row = self._one("SELECT value FROM facts WHERE key = ?", key)
        return str(row[0]) if row else ""

    def _count(self, table: str, where: str) -> int:
        row = self._one(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(row[0]) if row else 0

    def _one(self, sql: str, *values: Any) -> Any:
        with trouble(self.path):
            return self._database.execute(sql, list(values)).fetchone()

    def _all(self, sql: str) -> list[Any]:
        with trouble(self.path):
            return list(self._database.execute(sql).fetchall())

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with trouble(self.path), writing(self._database):
            yield self._database
