"""The formats of an export, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from mirrord.export.columns import Page, Table
from mirrord.export.parquet import require_parquet, write_parquet
from mirrord.export.target import Out
from mirrord.export.text import write_csv, write_json, write_json_lines

Write = Callable[[Table, Iterable[Page], Out], None]


@dataclass(frozen=True, slots=True)
class Format:
    """How rows become bytes. `write` blocks until all pages are written; `check` comes before."""

    name: str
    media_type: str
    write: Write
    check: Callable[[], None] = lambda: None  # raises MirrorError if it cannot be written here


FORMATS: Final = {
    one.name: one
    for one in (
        Format("json", "application/json", write_json),
        Format("jsonl", "application/x-ndjson", write_json_lines),
        Format("csv", "text/csv; charset=utf-8; header=present", write_csv),
        Format("parquet", "application/vnd.apache.parquet", write_parquet, require_parquet),
    )
}


def format_for(name: str | None, path: PurePath | None) -> Format:
    """Return the format that is named, or that a file's ending names, or JSON."""
    ending = path.suffix.lower().removeprefix(".") if path else ""
    return FORMATS[name] if name else FORMATS.get(ending, FORMATS["json"])
