"""Signs of life for systemd, where the vision process is a unit of its own."""

from __future__ import annotations

from mirrord.runtime.systemd import Notifier, watchdog_s

PATIENCE_S = 8.0  # once it looks. Until then the unit's own WatchdogSec holds: a card may be slow
_EVERY_S = 1.0


class Alive:
    """Feeds the watchdog; says nothing where nobody waits for it.

    It has to be made before sockets are given up.
    """

    def __init__(self) -> None:
        self._notifier = Notifier() if watchdog_s() else None
        self._due_s = 0.0
        if self._notifier:
            self._notifier.__enter__()

    def looks(self) -> None:
        """Say that everything is loaded: from now on a shorter silence means a hang."""
        if self._notifier:
            self._notifier.expect(PATIENCE_S)

    def sign(self, now_s: float) -> None:
        """Give a sign of life, if one is due."""
        if self._notifier and now_s >= self._due_s:
            self._due_s = now_s + _EVERY_S
            self._notifier.alive()
