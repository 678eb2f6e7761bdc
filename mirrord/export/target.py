"""Where an export goes: a file that is there whole or not at all, or standard output."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from mirrord.errors import MirrorError

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}


class Out(Protocol):
    """What an export is written to, blocking."""

    def write(self, data: bytes, /) -> int:
        """Write all of it."""


@contextmanager
def file_target(path: Path, force: bool) -> Iterator[BinaryIO]:
    """Yield a file that takes its name, readable by its owner alone, once all went well.

    Nothing is left behind otherwise. Raises MirrorError if it cannot be written, or exists and
    `force` is not set.
    """
    _refuse(path, force)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _take_name(Path(name), path, force)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise MirrorError(_sentence(str(path), error)) from None


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Yield standard output. Raises MirrorError if it is full, or nobody reads it any more."""
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        with suppress(OSError, ValueError):  # lest Python trips over it once more when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise MirrorError(_sentence("standard output", error)) from None


def _refuse(path: Path, force: bool) -> None:
    if path.is_dir():
        raise MirrorError(f"{path} is a directory; name a file")
    if path.exists() and not path.is_file():
        raise MirrorError(f"{path} is no regular file; leave -o away and redirect the output")
    if not path.parent.is_dir():
        raise MirrorError(f"{path}: there is no directory {path.parent}")
    if path.exists() and not force:
        raise MirrorError(f"{path} exists; name another file, or say --force to replace it")


def _take_name(temporary: Path, path: Path, force: bool) -> None:
    if force:
        temporary.replace(path)
        return
    try:
        path.hardlink_to(temporary)  # unlike a renaming, it never replaces what is there
    except FileExistsError:
        _refuse(path, force)
    except OSError as error:
        if error.errno not in _NO_LINKS:  # a memory stick's file system knows no links
            raise
        _refuse(path, force)
        temporary.rename(path)


def _sentence(name: str, error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return f"{name}: the disk is full; nothing was kept of the export"
    if isinstance(error, BrokenPipeError):
        return "whoever read the export has stopped; --after ID continues behind the last row"
    return f"{name} cannot be written ({error.strerror})"
