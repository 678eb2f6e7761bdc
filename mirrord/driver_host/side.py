"""What a driver sees of the host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from mirrord.driver import Device


class HostSide:
    """Implements `mirrord.driver.Host` for one opening of a driver, on the running loop."""

    def __init__(
        self, state_dir: Path, memory: MutableMapping[str, Any], see: Callable[[Device], None]
    ) -> None:
        self._state_dir = state_dir
        self._memory = memory
        self._see = see
        self._loop = asyncio.get_running_loop()
        self._over = False

    @property
    def state_dir(self) -> Path:
        """Where the driver may keep files of its own."""
        return self._state_dir

    @property
    def memory(self) -> MutableMapping[str, Any]:
        """What outlives a reopening and a crash."""
        return self._memory

    def report(self, device: Device) -> None:
        """Show the state of a device; from any thread."""
        if not isinstance(device, Device):
            raise TypeError(f"host.report takes a mirrord.driver.Device, not {device!r}")
        try:
            self._loop.call_soon_threadsafe(self._reported, device)
        except RuntimeError:  # a thread that outlived the loop: nobody is left to see it
            return

    def retire(self) -> None:
        """Ignore what a thread of a closed driver still reports."""
        self._over = True

    def _reported(self, device: Device) -> None:
        if not self._over:
            self._see(device)
