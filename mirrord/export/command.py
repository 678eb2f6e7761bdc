"""What `mirrord export` does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from mirrord.config import Config, store_path
from mirrord.errors import MirrorError
from mirrord.export.formats import Format
from mirrord.export.source import Source, Wanted
from mirrord.export.target import file_target, standard_output


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
    return f"{source.rows:,} {wanted.what} exported{where}{last}"


def _target(path: Path | None, force: bool) -> AbstractContextManager[BinaryIO]:
    return standard_output() if path is None else file_target(path, force)
