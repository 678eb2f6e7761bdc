"""Which documents are worth saying now. Pure: time is an argument."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from mirrord.hub.documents import Document

HEARTBEAT_S: Final = 60.0  # everything is said again, changed or not
FIGURES_S: Final = 10.0  # the figures of `health` always move; they are said this often
_WORDS: Final = ("version", "health", "troubles", "camera", "store", "drivers")


class Voice:
    """Remembers what was said, and when."""

    def __init__(self) -> None:
        self._said: dict[str, Document] = {}
        self._beat_s = -math.inf
        self._figures_s = -math.inf

    def again(self) -> None:
        """Say everything next time."""
        self._said = {}

    def due(self, found: Mapping[str, Document], now_s: float) -> dict[str, Document]:
        """Return what to say of `found`, taken as said from now on."""
        if now_s - self._beat_s >= HEARTBEAT_S:
            self._beat_s, self._said = now_s, {}
        due = {name: said for name, said in found.items() if said != self._said.get(name)}
        if "health" in due:
            if self._only_figures(found["health"]) and now_s - self._figures_s < FIGURES_S:
                del due["health"]
            else:
                self._figures_s = now_s
        self._said |= due
        return due

    def _only_figures(self, health: Document) -> bool:
        said = self._said.get("health")
        return said is not None and all(said[word] == health[word] for word in _WORDS)
