"""A running Sight, and systemd's way of starting the vision process it asks for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from mirrord.sight import Sight
from mirrord.sight_settings import CameraSettings, VisionSettings

VISION = (sys.executable, "-P", "-m", "mirrord.vision")


class Looking:
    """A running Sight and what it has told."""

    def __init__(self, source: int | str, **options: Any) -> None:
        self.messages = asyncio.Queue()
        self.sight = Sight(
            CameraSettings(source=source), VisionSettings(), self.messages.put_nowait, **options
        )

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.sight.run())
        return self

    async def __aexit__(self, kind, error, traceback):
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def next(self, kind, wanted=lambda message: True, timeout_s=30):
        async with asyncio.timeout(timeout_s):
            while True:
                message = await self.messages.get()
                if isinstance(message, kind) and wanted(message):
                    return message


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def lives(pid: str) -> bool:
    """Tell whether a process is more than a zombie."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):  # gone meanwhile
        return False


class Units:
    """A socket at which systemd's own `systemd-socket-activate` starts a process for each
    connection, which is its stdin and stdout: what mirrord-vision.socket does."""

    def __init__(
        self, path: Path, command: Sequence[str] = VISION, environment: dict[str, str] | None = None
    ) -> None:
        self.path = path
        given = [f"--setenv={name}={value}" for name, value in (environment or {}).items()]
        how = ["--accept", "--inetd", f"--listen={path}", *given]
        self._words = ["systemd-socket-activate", *how, *command]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._words, stderr=subprocess.PIPE, text=True)
        for line in self._process.stderr:
            if "Listening on" in line:
                break
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self.running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait(10)
        self._process.stderr.close()

    def running(self) -> list[int]:
        """Return the processes that were started here and have not ended."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(one) for one in children if lives(one)]

    def ended(self, timeout_s: float = 10.0) -> bool:
        """Wait until none of them is left."""
        end = time.monotonic() + timeout_s
        while self.running() and time.monotonic() < end:
            time.sleep(0.02)
        return not self.running()
