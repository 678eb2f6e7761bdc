"""A limiter that looks one block ahead, so that it turns down before a peak and never clips."""

from __future__ import annotations

import numpy as np

from mirrord_audio.bank import BLOCK, Floats

CEILING = 0.98
RELEASE_S = 0.6


class Limiter:
    """Delays the sound by one block and scales it by a gain that moves in straight lines."""

    def __init__(self, rate: int) -> None:
        self._recovers = 1.0 - float(np.exp(-BLOCK / (rate * RELEASE_S)))
        self._waiting: Floats = np.zeros((2, BLOCK), np.float32)
        self._line: Floats = np.arange(1, BLOCK + 1, dtype=np.float32) / np.float32(BLOCK)
        self._gains: Floats = np.empty(BLOCK, np.float32)
        self._out: Floats = np.empty((2, BLOCK), np.float32)
        self._allowed = 1.0
        self._gain = 1.0

    def render(self, block: Floats) -> Floats:
        """Take in a block (2, BLOCK) and return the one before it, within -CEILING..CEILING.

        What is returned is valid until the next call.
        """
        allowed = CEILING / max(float(np.max(np.abs(block))), CEILING)
        recovered = self._gain + self._recovers * (1.0 - self._gain)
        end = min(allowed, self._allowed, recovered)
        np.multiply(self._line, end - self._gain, out=self._gains)
        self._gains += np.float32(self._gain)
        np.multiply(self._waiting, self._gains, out=self._out)
        self._waiting[...] = block
        self._allowed, self._gain = allowed, end
        return self._out

    def silence(self) -> None:
        """Forget the block that waits."""
        self._waiting[...] = 0.0
        self._allowed = self._gain = 1.0
