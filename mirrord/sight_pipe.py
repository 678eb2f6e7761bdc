"""The two ends of a child process: how it starts, what it says, how it ends."""

from __future__ import annotations

import asyncio
import logging
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator, Sequence

from mirrord.runtime.sure import sure

log = logging.getLogger("mirrord.sight")

END_S = 3.0
CHUNK = 64 * 1024
_LONGEST_LOG_LINE = 2000
_LOUD_LINES = 20  # of one process; a library that complains of every frame fills no log


class Lines:
    """Cuts a stream of bytes into lines, and never keeps more than one of the greatest length."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""
        self._too_long = False

    def feed(self, chunk: bytes) -> Iterator[bytes | None]:
        """Return the lines that are complete now, None in the place of one that is too long."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        for line in whole:
            yield None if self._too_long or len(line) > self._longest else line
            self._too_long = False
        self._too_long = self._too_long or len(rest) > self._longest
        self._rest = b"" if self._too_long else rest


class LogRelay:
    """Passes on what the process writes to stderr, at most so much of it as a person would read."""

    def __init__(self, process: Process) -> None:
        self._last_error = ""
        self._loud = _LOUD_LINES
        self._task = asyncio.create_task(self._relay(process), name="vision log")

    async def last_error(self) -> str:
        """Return the last error that the process reported before it ended."""
        await asyncio.wait({self._task}, timeout=0.5)
        return self._last_error

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _relay(self, process: Process) -> None:
        pipe, lines = sure(process.stderr), Lines(_LONGEST_LOG_LINE)
        while chunk := await pipe.read(CHUNK):
            for line in lines.feed(chunk):
                self._log("(a very long line)" if line is None else line.decode(errors="replace"))

    def _log(self, line: str) -> None:
        word, _, text = line.partition(" ")
        if word in ("ERROR", "CRITICAL"):
            self._last_error = text
        loud = word in ("ERROR", "CRITICAL", "WARNING") and self._loud > 0
        self._loud -= loud
        log.log(logging.WARNING if loud else logging.DEBUG, "vision: %s", text if loud else line)


async def start(command: Sequence[str], order: bytes) -> Process:
    """Start a process and write its order to its standard input. Raises OSError."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    sure(process.stdin).write(order)
    return process


async def end(process: Process) -> None:
    """End a process: ask first, then do not ask. Returns when it is gone."""
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
