"""A vision process that is a child of the daemon: how it starts, what it writes, how it ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

from mirrord.errors import MirrorError
from mirrord.runtime.sure import sure
from mirrord.sight_pipe import CHUNK, Lines

log = logging.getLogger("mirrord.sight")

# -P: what lies in the current directory is not what is meant by "mirrord".
COMMAND = (sys.executable, "-P", "-m", "mirrord.vision")
END_S = 3.0
# What systemd tells the mirror itself: whose life is watched, and what is said of it.
_NOT_FOR_IT = ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")
_LONGEST_LOG_LINE = 2000
_LOUD_LINES = 20  # of one process; a library that complains of every frame fills no log


class Child:
    """A link to a process that was started here."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._log = asyncio.create_task(relay_log(process), name="vision log")
        self.pid: int | None = process.pid

    async def read(self) -> bytes:
        """Wait for what it says; nothing more comes after b""."""
        return await sure(self._process.stdout).read(CHUNK)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    async def ended(self) -> str:
        """Say how it ended, once it has closed its output."""
        gone = asyncio.ensure_future(self._process.wait())
        await asyncio.wait({gone, self._log}, timeout=END_S, return_when=asyncio.ALL_COMPLETED)
        gone.cancel()
        return status(self._process)

    async def close(self) -> None:
        """End it: ask first, then do not ask. Returns when it is gone."""
        self._log.cancel()  # two cannot read one pipe, and ending reads what is left
        await asyncio.gather(self._log, return_exceptions=True)
        await _end(self._process)


async def start(command: Sequence[str], order: bytes) -> Child:
    """Start a process and write its order to its standard input. Raises MirrorError."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env={name: said for name, said in os.environ.items() if name not in _NOT_FOR_IT},
            start_new_session=True,
        )
    except OSError as error:
        raise MirrorError(f"the vision process does not start ({error.strerror})") from None
    sure(process.stdin).write(order)
    return Child(process)


async def relay_log(process: Process) -> None:
    """Pass on what it writes to stderr, at most so much of it as a person would read."""
    pipe, lines, loud_left = sure(process.stderr), Lines(_LONGEST_LOG_LINE), _LOUD_LINES
    while chunk := await pipe.read(CHUNK):
        for line in lines.feed(chunk):
            text = "(a very long line)" if line is None else line.decode(errors="replace")
            word, _, rest = text.partition(" ")
            loud = word in ("ERROR", "CRITICAL", "WARNING") and loud_left > 0
            loud_left -= loud
            level = logging.WARNING if loud else logging.DEBUG
            log.log(level, "vision: %s", rest if loud else text)


async def _end(process: Process) -> None:
    try:
        sure(process.stdin).close()
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(END_S):
            await process.communicate()
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def status(process: Process) -> str:
    """Say how a process ended."""
    code = process.returncode
    if code is None:
        return "the vision process closed its output"
    if code < 0:
        return f"the vision process was ended by {signal.Signals(-code).name}"
    return f"the vision process ended with status {code}"
