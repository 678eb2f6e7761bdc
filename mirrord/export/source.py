"""What is exported, and where it is read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from mirrord.errors import ConfigError
from mirrord.export.columns import (
    CORRECTIONS,
    ENVIRONMENT,
    READING,
    READINGS,
    READINGS_AND_ENVIRONMENT,
    SESSIONS,
    Page,
    Row,
    Table,
)
from mirrord.runtime.moment import parse_moment
from mirrord.store.exporting import Span, pages, span_of
from mirrord.store.lists import listed
from mirrord.store.queries import Chosen

What = Literal["readings", "sessions", "corrections"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What, and which: of a session, from `since` up to but without `until`, behind `after`."""

    session_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: UUID | None = None
    environment: bool = False
    what: What = "readings"  # the others know no `after` and no environment

    @property
    def table(self) -> Table:
        if self.what != "readings":
            return SESSIONS if self.what == "sessions" else CORRECTIONS
        return READINGS_AND_ENVIRONMENT if self.environment else READINGS


def wanted(
    session: str | None,
    since: str | None,
    until: str | None,
    days: float | None,
    after: UUID | None,
    include_environment: bool,
    what: What = "readings",
) -> Wanted:
    """Return what options or a query ask for, in words. Raises ConfigError."""
    now = datetime.now(UTC)
    if days is not None and since is not None:
        raise ConfigError("days and since: say one of them")
    begin = parse_moment(since, now, "since") if since is not None else None
    if days is not None:
        begin = now - timedelta(days=days)
    end = parse_moment(until, now, "until") if until is not None else None
    if begin and end and begin >= end:
        raise ConfigError("since: lies behind until: nothing is between them")
    if what != "readings" and (after or include_environment):
        raise ConfigError(f"after and the environment belong to readings, not to {what}")
    if what == "corrections" and session is not None:
        raise ConfigError("corrections are the mirror's: they belong to no session")
    return Wanted(session, begin, end, after, include_environment, what)


class Source:
    """The chosen rows of a store's file as it is when this is made. Blocking.

    Raises ConfigError if there is no such file, session or reading, and Unavailable if the file
    does not answer. It is opened for reading alone, so a running mirror is not disturbed.
    """

    def __init__(self, path: Path, wanted: Wanted) -> None:
        self._path = path
        self._wanted = wanted
        self._chosen = Chosen(wanted.session_id, wanted.since, wanted.until)
        self._span = _span(path, wanted, self._chosen)
        self.rows = 0  # read so far
        self.last = ""  # the id of the last of them, to go on behind

    def pages(self, progress: Callable[[float], None] | None = None) -> Iterator[Page]:
        """Yield the rows in order of arrival, telling `progress` how far this is, in 0..1."""
        if self._wanted.what != "readings":
            yield from self._listed(self._wanted.what)
            return
        columns = [column.name for column in READING]
        response = [column.name for column in ENVIRONMENT] if self._wanted.environment else []
        for last, rows in pages(self._path, self._chosen, self._span, columns, response):
            page = [_typed(row) for row in rows] if response else rows
            yield page
            self._note(page)
            if progress:
                progress(_share(self._span, last))

    def _listed(self, what: Literal["sessions", "corrections"]) -> Iterator[Page]:
        for page in listed(self._path, what, self._chosen, self._wanted.table.names):
            yield page
            self._note(page)

    def _note(self, page: Page) -> None:
        self.rows += len(page)
        if page:
            self.last = page[-1][0]


def _span(path: Path, wanted: Wanted, chosen: Chosen) -> Span:
    """Return where the readings lie; of a list, see that it is there."""
    span = span_of(path, chosen, wanted.after)
    return span if wanted.what == "readings" else Span(1, 0)


_PRESENT = len(READING)  # where the environment's flag stands


def _typed(row: Row) -> Row:
    """Return the row with its flag as one: SQLite knows no such type."""
    flag = row[_PRESENT]
    return row if flag is None else (*row[:_PRESENT], bool(flag), *row[_PRESENT + 1 :])


def _share(span: Span, last: int) -> float:
    return (last - span.first + 1) / max(1, span.last - span.first + 1)
