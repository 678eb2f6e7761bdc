"""The mirror's end of the status socket: one word in, one line of JSON out.

A Unix socket beside the database, mode 0600: whoever may open it may read the database as well, so
no password is asked for. It tells nothing of anybody: no mood, no expression.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from mirrord.config import Config, store_path
from mirrord.errors import MirrorError

_log = logging.getLogger(__name__)
NAME: Final = "mirrord.sock"
LONGEST_WORD: Final = 64
_PATIENCE_S: Final = 5.0
Answers = Mapping[str, Callable[[], Awaitable[Any]]]


def socket_path(base: Config) -> Path:
    """Return where a mirror with this settings file listens."""
    return store_path(base).with_name(NAME)


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Yield a short name of the same file: the address of a Unix socket has 107 bytes at most."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@asynccontextmanager
async def serve_status(path: Path, answers: Answers) -> AsyncIterator[None]:
    """Answer each known word while the context lasts. A mirror that cannot goes on without."""
    try:
        listener = _listen(path)
    except OSError as error:
        _log.warning("`mirrord status` will not find this mirror: %s: %s", path, error.strerror)
        yield
        return
    server = await asyncio.start_unix_server(
        partial(_answer, answers), sock=listener, limit=LONGEST_WORD
    )
    try:
        yield
    finally:
        server.close()
        _remove(path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _listen(path: Path) -> socket.socket:
    """Return a listening socket in the place of one that a killed mirror has left."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reachable(path) as name:
            if _somebody_answers(name):
                raise OSError(0, "another mirror is running there")
            path.unlink(missing_ok=True)
            before = os.umask(0o177)
            try:
                listener.bind(name)
            finally:
                os.umask(before)
        listener.listen(8)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _somebody_answers(name: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.settimeout(1.0)
            probe.connect(name)
        except OSError:
            return False
    return True


async def _answer(
    answers: Answers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            word = (await reader.readline()).decode(errors="replace").strip()
            writer.write(msgspec.json.encode(await _said(answers, word)) + b"\n")
            await writer.drain()
    except (OSError, TimeoutError, ValueError) as error:
        _log.debug("status: %s", error)
    finally:
        writer.close()


async def _said(answers: Answers, word: str) -> Any:
    if word not in answers:
        return {"error": f"known words are {', '.join(answers)}"}
    try:
        return await answers[word]()
    except MirrorError as error:
        return {"error": str(error)}
