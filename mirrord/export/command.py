"""What `mirrord export` does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from mirrord.config import Config, store_path
from mirrord.errors import ConfigError, MirrorError
from mirrord.export.formats import Format
from mirrord.export.source import Source, Wanted
from mirrord.export.target import file_target, standard_output
from mirrord.runtime.moment import parse_moment


def export(
    config: Config,
    wanted: Wanted,
    form: Format,
    path: Path | None,
    force: bool,
    progress: Callable[[float], None] | None = None,
) -> str:
    """Write the chosen readings to a file, or to standard output, and return what to say.

    Works beside a running mirror and without one. Raises MirrorError.
    """
    form.check()
    if path is None and form.name == "parquet" and sys.stdout.isatty():
        raise MirrorError("Parquet is no text for a screen; name a file with -o")
    source = Source(store_path(config), wanted)
    with _target(path, force) as out:
        form.write(wanted.table, source.pages(progress), out)
    where = f" to {path}" if path else ""
    last = f"; the last is {source.last}" if source.last else ""
    return f"{source.rows:,} readings exported{where}{last}"


def wanted(
    session: str | None,
    since: str | None,
    until: str | None,
    days: float | None,
    after: UUID | None,
    include_environment: bool,
) -> Wanted:
    """Return what the options ask for. Raises ConfigError."""
    now = datetime.now(UTC)
    if days is not None and since is not None:
        raise ConfigError("--days and --since: say one of them")
    begin = parse_moment(since, now, "--since") if since is not None else None
    if days is not None:
        begin = now - timedelta(days=days)
    end = parse_moment(until, now, "--until") if until is not None else None
    if begin and end and begin >= end:
        raise ConfigError("--since lies behind --until: nothing is between them")
    return Wanted(session, begin, end, after, include_environment)


def _target(path: Path | None, force: bool) -> AbstractContextManager[BinaryIO]:
    return standard_output() if path is None else file_target(path, force)
