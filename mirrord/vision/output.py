"""The way out of the vision process, for messages alone."""

from __future__ import annotations

import os
import threading
from typing import IO, Any

from mirrord import wire


class Output:
    """Where messages go, from any thread: one after another, each of them whole."""

    def __init__(self, raw: IO[Any]) -> None:
        self._raw = raw
        self._writing = threading.Lock()

    def tell(self, message: wire.Told) -> None:
        """Write a message. If nobody reads any more, the process ends."""
        line = memoryview(wire.encode(message))
        with self._writing:
            try:
                while line:
                    line = line[self._raw.write(line) :]
            except ConnectionError:
                os._exit(0)

    def failed(self, reason: str) -> None:
        """Say why the process ends."""
        self.tell(wire.VisionFailed(reason[: wire.MAX_REASON]))
