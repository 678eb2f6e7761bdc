"""A small hall: a feedback delay network that works on whole blocks."""

from __future__ import annotations

import numpy as np

from mirrord_audio.bank import BLOCK, Floats

# None shorter than a block at 48 kHz, so that a block never needs its own echo, and long enough
# together for about one resonance per Hz, so that no single tone is singled out.
DELAYS_MS = (
    *(31.23, 34.06, 37.94, 41.48, 45.19, 49.02, 52.73, 57.31),
    *(62.06, 66.35, 71.94, 77.60, 83.52, 89.77, 97.10, 104.35),
)
DECAY_S = 3.8  # until low tones have lost 60 dB
_DAMPING = 0.22  # of the highest tones at each pass, nearly nothing at low ones
_LINES = len(DELAYS_MS)


class Reverb:
    """Sixteen delay lines, mixed by a lossless Hadamard matrix and damped (Jot & Chaigne 1991)."""

    def __init__(self, rate: int) -> None:
        self._delays = [max(round(ms * rate / 1000.0) | 1, BLOCK) for ms in DELAYS_MS]
        self._length = (max(self._delays) // BLOCK + 2) * BLOCK
        # Every line is kept twice, one copy behind the other: what is read never wraps around.
        self._lines: Floats = np.zeros((_LINES, 2, self._length), np.float32)
        self._unrolled = self._lines.reshape(_LINES, 2 * self._length)
        self._at = 0
        loss = 10.0 ** (-3.0 * np.array(self._delays) / (rate * DECAY_S))
        self._mix: Floats = (_hadamard() / np.sqrt(_LINES) * loss).astype(np.float32)
        self._in: Floats = (_hadamard()[2:4].T * 0.5).astype(np.float32)
        self._out: Floats = (_hadamard()[5:7] / np.sqrt(_LINES)).astype(np.float32)
        self._heard: Floats = np.empty((_LINES, BLOCK + 1), np.float32)
        self._damped: Floats = np.empty((_LINES, BLOCK), np.float32)
        self._fed: Floats = np.empty((_LINES, BLOCK), np.float32)
        self._sent: Floats = np.empty((_LINES, BLOCK), np.float32)
        self._wet: Floats = np.empty((2, BLOCK), np.float32)

    def render(self, dry: Floats) -> Floats:
        """Return the echo (2, BLOCK) of the stereo block `dry`, valid until the next call."""
        self._listen()
        np.matmul(self._mix, self._damped, out=self._fed)
        np.matmul(self._in, dry, out=self._sent)
        self._fed += self._sent
        self._lines[:, :, self._at : self._at + BLOCK] = self._fed[:, None]
        self._at = (self._at + BLOCK) % self._length
        return np.matmul(self._out, self._damped, out=self._wet)

    def silence(self) -> None:
        """Forget every echo."""
        self._lines[...] = 0.0

    def _listen(self) -> None:
        """Read what leaves the lines, smoothed over two frames: high tones fade sooner."""
        now = self._at + self._length
        for line, delay in enumerate(self._delays):
            self._heard[line] = self._unrolled[line, now - delay - 1 : now - delay + BLOCK]
        np.multiply(self._heard[:, 1:], 1.0 - _DAMPING, out=self._damped)
        self._heard *= np.float32(_DAMPING)
        self._damped += self._heard[:, :-1]


def _hadamard() -> Floats:
    """Return the Sylvester matrix of signs, whose rows are all orthogonal."""
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < _LINES:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix
