"""Exports that are text: JSON, JSON lines, and CSV. All are UTF-8, written page by page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from mirrord.export.columns import Page, Table
from mirrord.export.target import Out

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_json(table: Table, pages: Iterable[Page], out: Out) -> None:
    """Write one document: `{"exported_at": …, "readings": [{…}, …]}`, a row a line."""
    head = msgspec.json.encode({"exported_at": datetime.now(UTC)})[:-1]
    out.write(head + b"," + msgspec.json.encode(table.name) + b":[")
    before = b"\n"
    for page in pages:
        if lines := _lines(table, page):
            out.write(before + lines.replace(b"\n", b",\n"))
            before = b",\n"
    out.write(b"\n]}\n")


def write_json_lines(table: Table, pages: Iterable[Page], out: Out) -> None:
    """Write one object a line."""
    for page in pages:
        if lines := _lines(table, page):
            out.write(lines + b"\n")


def write_csv(table: Table, pages: Iterable[Page], out: Out) -> None:
    """Write RFC 4180: a header, CRLF, quotes where they are needed; unknown values are empty.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    words = [place for place, column in enumerate(table.columns) if column.kind == "text"]
    flags = [place for place, column in enumerate(table.columns) if column.kind == "flag"]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.names)
    for page in pages:
        writer.writerows(_plain(row, words, flags) for row in page)
        out.write(_taken(text))
    out.write(_taken(text))


def _lines(table: Table, page: Page) -> bytes:
    """Return an object a line; a line break within a text is escaped, as JSON wants it."""
    return msgspec.json.Encoder().encode_lines(table.objects(page)).rstrip(b"\n")


def _plain(row: Iterable[Any], words: Iterable[int], flags: Iterable[int]) -> list[Any]:
    values = list(row)
    for place in words:
        text = values[place]
        if text is not None and text.startswith(_FORMULA):
            values[place] = "'" + text
    for place in flags:
        if values[place] is not None:
            values[place] = "true" if values[place] else "false"
    return values


def _taken(text: io.StringIO) -> bytes:
    """Return what has been written, and empty the buffer."""
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written
