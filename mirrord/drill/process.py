"""The mirror's process, from outside: started, asked, starved, killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mirrord.errors import MirrorError
from mirrord.runtime.sure import sure
from mirrord.status import ask

_STOP_S: Final = 30.0
_ASK_S: Final = 3.0


class MirrorProcess:
    """One mirror, which may be killed and started again. `said` has the last lines of its log."""

    def __init__(self, command: Sequence[str], state: Path, socket: Path) -> None:
        self._command = [*_bound(), *command]
        self._state = state
        self._socket = socket
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self.said: deque[str] = deque(maxlen=200)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise MirrorError("the mirror of the drill is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; does not wait until it answers."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "STATE_DIRECTORY": str(self._state)},
        )
        self._listening = asyncio.create_task(self._listen(self._process), name="drill log")

    async def stop(self) -> int:
        """Ask it to stop, and return its exit status; one that does not is killed."""
        process = self._process
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            await self.kill()
        await self._hang_up()
        return process.returncode or 0

    async def kill(self) -> None:
        """End it and its children at once, as a power cut does."""
        for pid in (self.pid, *self.children()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()
        await self._hang_up()

    async def report(self) -> dict[str, Any]:
        """Return what `mirrord status` would say. Raises MirrorError."""
        return await asyncio.to_thread(ask, self._socket, "status", _ASK_S)

    async def flush(self) -> dict[str, Any]:
        """Have everything written; return how many readings there are. Raises MirrorError."""
        return await asyncio.to_thread(ask, self._socket, "flush", 15.0)

    async def order(self, line: str) -> None:
        """Send an order to a mirror that takes them."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(line.encode() + b"\n")
            await self._process.stdin.drain()

    def starve(self, most: int | None) -> None:
        """Let no file grow beyond so many bytes, as on a full disk; None ends it."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        soft = resource.RLIM_INFINITY if most is None else most
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (soft, hard))

    def children(self) -> list[int]:
        """Return the mirror's own processes: the one that sees."""
        found: list[int] = []
        for listing in Path(f"/proc/{self.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(word) for word in listing.read_text().split()]
        return found

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ValueError):
            async for line in sure(process.stderr):
                self.said.append(line.decode(errors="replace").rstrip())

    async def _hang_up(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
        if self._listening is not None:
            await asyncio.wait({self._listening}, timeout=2.0)
            self._listening.cancel()
            await asyncio.wait({self._listening})


def command_of(settings: Path, *, jumping: bool) -> list[str]:
    """Return how to run a mirror; `jumping`: one whose clock can be jumped."""
    module = ["mirrord.drill.subject"] if jumping else ["mirrord", "run", "-c"]
    return [sys.executable, "-P", "-m", *module, str(settings)]


def _bound() -> list[str]:
    """Return what makes even root's mirror obey the modes of files, as a service's does."""
    tool = shutil.which("setpriv")
    if os.geteuid() != 0 or tool is None:
        return []
    powers = "-dac_override,-dac_read_search"
    return [tool, f"--bounding-set={powers}", f"--inh-caps={powers}"]
