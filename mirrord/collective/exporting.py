"""Readings as a file, a thousand at a time, so that a million take no more memory than one."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirrord.collective.commands import known
from mirrord.collective.database import Database
from mirrord.collective.numbers import now_ms
from mirrord.collective.records.told import READING, reading_of, response_of
from mirrord.collective.schema import accounts, readings, sessions
from mirrord.collective.tally import DAY_MS
from mirrord.errors import MirrorError

_ENVIRONMENT: Final = (
    "lighting_color",
    "lighting_intensity",
    "background_color",
    "audio_tone",
    "audio_frequency",
    "audio_volume",
    "visual_pattern",
    "particle_count",
    "animation_speed",
    "temperature",
    "humidity",
    "air_quality",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted."""

    kind: Literal["json", "csv"] = "json"
    name: str | None = None
    session: str | None = None
    days: float | None = None
    include_environment: bool = False


async def export_to(database: Database, asked: Asked, target: Path | None) -> int:
    """Write what is asked for; return how many readings there were. Raises MirrorError."""
    account = None if asked.name is None else (await known(database, asked.name)).account

    async def job(of: AsyncConnection) -> int:
        with _opened(target) as file:
            write = _Csv(file) if asked.kind == "csv" else _Json(file)
            async for row in _rows(of, asked, account):
                write.row(_told(row, asked.include_environment))
            write.end()
            return write.count

    return await database.snapshot(job)


class _Json:
    """One array, written as it comes."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.count = 0

    def row(self, values: dict[str, Any]) -> None:
        self._file.write(",\n" if self.count else "[\n")
        self._file.write(msgspec.json.encode(values).decode())
        self.count += 1

    def end(self) -> None:
        self._file.write("\n]\n" if self.count else "[]\n")


class _Csv:
    """RFC 4180; what a spreadsheet would take for a formula gets an apostrophe."""

    def __init__(self, file: IO[str]) -> None:
        self._write = csv.writer(file, lineterminator="\r\n")
        self.count = 0

    def row(self, values: dict[str, Any]) -> None:
        if not self.count:
            self._write.writerow(values)
        self._write.writerow([_harmless(one) for one in values.values()])
        self.count += 1

    def end(self) -> None:
        """Nothing more is to be written."""


async def _rows(of: AsyncConnection, asked: Asked, account: int | None) -> AsyncIterator[Any]:
    same = (sessions.c.account == readings.c.account) & (sessions.c.session == readings.c.session)
    query = (
        select(*READING, accounts.c.username)
        .select_from(readings.join(sessions, same))
        .join(accounts, accounts.c.account == readings.c.account)
        .order_by(readings.c.account, readings.c.number)
    )
    if account is not None:
        query = query.where(readings.c.account == account)
    if asked.session is not None:
        query = query.where(sessions.c.session_id == asked.session)
    if asked.days is not None:
        query = query.where(readings.c.at >= now_ms() - int(asked.days * DAY_MS))
    async for row in await of.stream(query.execution_options(yield_per=1000)):
        yield row


def _told(row: Any, include_environment: bool) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(reading_of(row, row.username))
    for missing in ("expression", "confidence"):
        values.pop(missing)
    if include_environment:
        response = msgspec.to_builtins(response_of(row))
        values |= {name: response[name] for name in _ENVIRONMENT}
    return values


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value


@contextmanager
def _opened(target: Path | None) -> Iterator[IO[str]]:
    if target is None:
        yield sys.stdout
        return
    try:
        with open(target, "w", encoding="utf-8", newline="", opener=_private) as file:
            yield file
    except OSError as error:
        raise MirrorError(f"{target}: cannot be written: {error.strerror}") from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
