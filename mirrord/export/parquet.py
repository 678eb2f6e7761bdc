"""Exports as Parquet: typed columns, compressed, in row groups (docs/decisions/0006-parquet.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

import mirrord
from mirrord.errors import MirrorError
from mirrord.export.columns import Column, Page, Table
from mirrord.export.target import Out

if TYPE_CHECKING:
    from arro3.core import Array, RecordBatch, Schema

ROWS_A_GROUP: Final = 20_000  # a few megabytes in memory while a group is being written
_MISSING: Final = (
    "Parquet needs a library that is not installed: pip install 'mood-mirror[parquet]' "
    "(or export as csv or json)"
)


def require_parquet() -> None:
    """Raise MirrorError, saying what to install, if the library is missing."""
    try:
        for name in ("arro3.core", "arro3.io"):
            import_module(name)
    except ImportError:
        raise MirrorError(_MISSING) from None


def write_parquet(table: Table, pages: Iterable[Page], out: Out) -> None:
    """Write row groups of 20,000 rows; times are milliseconds UTC. Raises MirrorError."""
    require_parquet()
    from arro3 import core, io

    schema = _schema(table)
    sink = _Sink(out)
    batches = _Batches(table, schema, pages, sink)
    io.write_parquet(
        core.RecordBatchReader.from_batches(schema, iter(batches)),
        cast(BinaryIO, sink),  # all of one that the library uses
        compression="zstd(3)",
        max_row_group_size=ROWS_A_GROUP,
        created_by=f"mood-mirror version {mirrord.__version__}",
    )
    for error in (batches.failure, sink.failure):
        if error is not None:
            raise error


class _Sink:
    """Takes the bytes. The library panics if writing fails, so a failure is kept for later."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._place = 0
        self.failure: Exception | None = None

    def write(self, data: bytes) -> int:
        if self.failure is None:
            try:
                self._out.write(bytes(data))
            except Exception as error:  # raised again by `write_parquet`
                self.failure = error
        self._place += len(data)
        return len(data)

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """Exist, since the library looks for it. It never calls it."""
        return self._place

    def flush(self) -> None:
        """Do nothing: whoever owns the file flushes it."""


class _Batches:
    """The pages as record batches; ends early, keeping the reason, when something fails."""

    def __init__(self, table: Table, schema: Schema, pages: Iterable[Page], sink: _Sink) -> None:
        self._table = table
        self._schema = schema
        self._pages = pages
        self._sink = sink
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[RecordBatch]:
        try:
            for page in self._pages:
                if self._sink.failure is not None:
                    return
                if page:
                    yield _batch(self._table, self._schema, page)
        except Exception as error:  # the library would turn it into one without a type
            self.failure = error


def _schema(table: Table) -> Schema:
    from arro3.core import DataType, Field, Schema

    types = {
        "text": DataType.utf8(),
        "number": DataType.float64(),
        "integer": DataType.int64(),
        "flag": DataType.bool(),
        "time": DataType.timestamp("ms", tz="UTC"),
    }
    return Schema([Field(column.name, types[column.kind]) for column in table.columns])


def _batch(table: Table, schema: Schema, page: Page) -> RecordBatch:
    from arro3.core import RecordBatch

    columns = zip(table.columns, zip(*page, strict=True), strict=True)
    arrays = [
        _array(column, values, schema, place) for place, (column, values) in enumerate(columns)
    ]
    return RecordBatch.from_arrays(arrays, schema=schema)


def _array(column: Column, values: Sequence[Any], schema: Schema, place: int) -> Array:
    from arro3.core import Array, DataType

    wanted = schema.field(place).type
    if column.kind == "time":
        return Array([_milliseconds(value) for value in values], DataType.int64()).cast(wanted)
    if column.kind == "number":
        return Array([None if value is None else float(value) for value in values], wanted)
    return Array(list(values), wanted)


def _milliseconds(text: str | None) -> int | None:
    return None if text is None else round(datetime.fromisoformat(text).timestamp() * 1000)
