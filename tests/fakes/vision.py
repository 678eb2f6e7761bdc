"""The vision process as a child of a test, spoken to through its pipes."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

from mirrord import wire


class VisionProcess:
    """`python -m mirrord.vision` with settings; its messages come in a queue, its log as text."""

    def __init__(
        self,
        camera: dict[str, Any],
        vision: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        cwd: Path | None = None,
        **settings: Any,
    ) -> None:
        order = {"camera": camera, "vision": vision or {}, **settings}
        self._order = json.dumps(order).encode() + b"\n"
        self._environment = {**os.environ, **(environment or {})}
        self._cwd = cwd
        self.messages: queue.SimpleQueue[wire.Message] = queue.SimpleQueue()
        self.output = bytearray()
        self.log = bytearray()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mirrord.vision"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            cwd=self._cwd,
        )
        self.began = time.monotonic()
        self._readers = [
            threading.Thread(target=self._read_messages),
            threading.Thread(target=self._read_log),
        ]
        for reader in self._readers:
            reader.start()
        self.process.stdin.write(self._order)
        self.process.stdin.flush()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)
        for reader in self._readers:
            reader.join(10)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def ended(self, timeout_s: float = 20.0) -> int:
        """Wait for its end, and until all that it said has been read; return its status."""
        status = self.process.wait(timeout_s)
        for reader in self._readers:
            reader.join(timeout_s)
        return status

    def _read_messages(self) -> None:
        for line in self.process.stdout:
            self.output += line
            self.messages.put(wire.decode(line))

    def _read_log(self) -> None:
        while data := os.read(self.process.stderr.fileno(), 65536):
            self.log += data

    def next(self, kind: type, wanted=lambda message: True, timeout_s: float = 30.0) -> Any:
        """Return the next message of a kind that is as wanted."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.messages.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(message, kind) and wanted(message):
                return message
        raise AssertionError(f"no such {kind.__name__} within {timeout_s} s: {bytes(self.log)!r}")
