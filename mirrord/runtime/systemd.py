"""What is said to systemd: ready, stopping, how it goes, and that it is still alive."""

from __future__ import annotations

import os
from typing import Self

import sdnotify


class Notifier:
    """Speaks to the service manager's socket; without one nothing is said to anybody."""

    def __enter__(self) -> Self:
        self._notifier = sdnotify.SystemdNotifier()
        if self._notifier.socket is not None:
            self._notifier.socket.setblocking(False)  # a slow service manager must not hold us up
        return self

    def __exit__(self, *_: object) -> None:
        if self._notifier.socket is not None:
            self._notifier.socket.close()

    def ready(self, status: str) -> None:
        """Say that it is up, and how it goes."""
        self._notifier.notify(f"READY=1\nSTATUS={status}")

    def status(self, status: str) -> None:
        """Say how it goes, for `systemctl status`."""
        self._notifier.notify(f"STATUS={status}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._notifier.notify("WATCHDOG=1")

    def expect(self, within_s: float) -> None:
        """Feed the watchdog, and have it wait for so long from now on."""
        self._notifier.notify(f"WATCHDOG_USEC={within_s * 1e6:.0f}\nWATCHDOG=1")

    def stopping(self) -> None:
        """Say that it ends, and means to."""
        self._notifier.notify("STOPPING=1")


def watchdog_s() -> float | None:
    """Return within what time a sign of life is expected; None if nobody waits for one."""
    expected = os.environ.get("WATCHDOG_USEC", "")
    if not expected.isdecimal() or not int(expected):
        return None
    if os.environ.get("WATCHDOG_PID", "") not in ("", str(os.getpid())):
        return None  # meant for the process that started this one
    return int(expected) / 1e6
