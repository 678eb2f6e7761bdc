"""What is wrong with a device behind a broker: said once, not again with each of its messages."""

from __future__ import annotations

import logging


class Remarks:
    """What a driver has to say of one device: in the driver's own log, and on the page."""

    def __init__(self, device: str, log: logging.Logger) -> None:
        self._device = device
        self._log = log
        self._has_ignored = False
        self.problem = ""  # what the page shows

    def ignored(self, topic: str, why: object) -> None:
        """Note a message that makes no sense."""
        level = logging.DEBUG if self._has_ignored else logging.WARNING
        self._log.log(level, "%s: ignored a message on %s: %s", self._device, topic, why)
        self._has_ignored = True

    def tell(self, problem: str) -> None:
        """Show a problem, or with "" that there is none any more."""
        if problem and problem != self.problem:
            self._log.warning("%s: %s", self._device, problem)
        self.problem = problem
