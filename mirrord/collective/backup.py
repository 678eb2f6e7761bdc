"""All tables as one gzipped file of JSON lines: from SQLite to PostgreSQL and back, too.

The first line says what it is, each other one is a row behind the name of its table, the last one
has the number of rows and the SHA-256 of all before it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import LargeBinary, Table, Uuid, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

import mirrord
from mirrord.collective.database import Database
from mirrord.collective.migrations import revision
from mirrord.collective.schema import metadata
from mirrord.errors import MirrorError

_KIND: Final = "mood-mirror-collective"
_BATCH: Final = 500
# Handed out again by whoever needs them; in a backup they would only be secrets to lose.
_LEFT_OUT: Final = {"enrolments"}
_TABLES: Final = [one for one in metadata.sorted_tables if one.name not in _LEFT_OUT]


async def write_backup(database: Database, target: Path) -> int:
    """Write everything as of one moment; return the number of rows. Raises MirrorError."""
    part = target.with_name(target.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            rows = await database.snapshot(lambda of: _write(of, file))
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise MirrorError(f"{target}: cannot be written: {error.strerror}") from None
    return rows


async def read_backup(database: Database, source: Path, force: bool) -> int:
    """Put a backup in the place of what there is; return the number of rows. Raises MirrorError."""
    _verified(source)
    return await database.write_long(lambda to: _read(to, source, force))


async def _write(of: AsyncConnection, file: Any) -> int:
    digest, rows = hashlib.sha256(), 0
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:

        def put(value: Any) -> None:
            line = msgspec.json.encode(value) + b"\n"
            digest.update(line)
            packed.write(line)

        head = {"kind": _KIND, "version": mirrord.__version__, "revision": await revision(of)}
        put(head)
        for table in _TABLES:
            async for row in await of.stream(select(table).execution_options(yield_per=_BATCH)):
                put([str(table.name), *row])
                rows += 1
        packed.write(msgspec.json.encode({"rows": rows, "sha256": digest.hexdigest()}) + b"\n")
    return rows


def _verified(source: Path) -> None:
    """Raise MirrorError unless it is a whole backup."""
    digest, last, rows = hashlib.sha256(), b"", -2
    for line in _lines(source):
        digest.update(last)
        last = line
        rows += 1
    try:
        end = msgspec.json.decode(last)
        whole = end["rows"] == rows and end["sha256"] == digest.hexdigest()
    except (msgspec.DecodeError, KeyError, TypeError):
        whole = False
    if not whole:
        raise MirrorError(f"{source}: is no whole backup of a collective; nothing was changed")


async def _read(to: AsyncConnection, source: Path, force: bool) -> int:
    lines = _lines(source)
    head = msgspec.json.decode(next(lines))
    if head["kind"] != _KIND or head["revision"] != await revision(to):
        raise MirrorError(
            f"{source}: was made with tables of {head['revision']}, these are "
            f"{await revision(to)}: restore it with the version {head['version']}, then update"
        )
    await _make_room(to, source, force)
    rows, current = 0, ""
    batch: list[list[Any]] = []
    for line in lines:
        found = msgspec.json.decode(line)
        if isinstance(found, dict):
            break
        name, *values = found
        if name != current or len(batch) == _BATCH:
            await _insert(to, current, batch)
            batch, current = [], name
        batch.append(values)
        rows += 1
    await _insert(to, current, batch)
    return rows


async def _make_room(to: AsyncConnection, source: Path, force: bool) -> None:
    for table in reversed(metadata.sorted_tables):
        if not force and table.name == "accounts":
            count = await to.scalar(select(func.count()).select_from(table))
            if count:
                raise MirrorError(
                    f"the database has accounts already ({count}): restore {source} with --force "
                    "to replace everything, or into an empty database"
                )
        await to.execute(delete(table))


async def _insert(to: AsyncConnection, name: str, batch: list[list[Any]]) -> None:
    if batch:
        table = metadata.tables[name]
        await to.execute(insert(table), [_row(table, values) for values in batch])


def _row(table: Table, values: list[Any]) -> dict[str, Any]:
    return {
        column.name: _value(column.type, value)
        for column, value in zip(table.columns, values, strict=True)
    }


def _value(kind: Any, value: Any) -> Any:
    if isinstance(kind, LargeBinary) and value is not None:
        return msgspec.convert(value, bytes)
    return UUID(value) if isinstance(kind, Uuid) else value


def _lines(source: Path) -> Iterator[bytes]:
    try:
        with gzip.open(source, "rb") as file:
            yield from file
    except (OSError, EOFError) as error:
        raise MirrorError(f"{source}: cannot be read as a backup: {error}") from None
