"""A bank of sine partials, the only sound source of the synthesizer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

ROWS, COLUMNS = 32, 32
BLOCK = ROWS * COLUMNS  # frames; amplitudes move in straight lines across a block
TURN = 2.0 * np.pi


class Bank:
    """Adds `partials` sines in stereo, `BLOCK` frames at a time.

    A block is laid out as ROWS x COLUMNS. By the addition theorem
    sin(p + w(rC + c)) = sin(p + wrC) cos(wc) + cos(p + wrC) sin(wc), so a block takes only
    ROWS + COLUMNS sines and cosines a partial, and the sum over the partials is a product of
    matrices. Phases are continuous whatever the frequencies do, and amplitudes never jump.
    """

    def __init__(self, partials: int, rng: np.random.Generator) -> None:
        self._phase: Doubles = rng.uniform(0.0, TURN, partials)
        self._amplitude: Floats = np.zeros((2, partials), np.float32)
        self._row_start = np.arange(ROWS, dtype=np.float64)[:, None] * COLUMNS
        self._row_start32 = self._row_start.astype(np.float32)
        self._column = np.arange(COLUMNS, dtype=np.float64)
        self._column32 = self._column.astype(np.float32)
        self._row_angle: Floats = np.empty((ROWS, partials), np.float32)
        self._row_wave: Floats = np.empty((2, ROWS, partials), np.float32)
        self._column_angle: Floats = np.empty((partials, COLUMNS), np.float32)
        self._weights: Floats = np.empty((2, 2, 1, ROWS, partials), np.float32)
        # Four products are added: sin cos and cos sin, each once for the amplitude at the start of
        # its row and once for the slope within the row.
        self._left: Floats = np.empty((2, 2, 2, ROWS, partials), np.float32)
        self._right: Floats = np.empty((2, 2, partials, COLUMNS), np.float32)
        self._products: Floats = np.empty((2, 2, 2, ROWS, COLUMNS), np.float32)
        self._block: Floats = np.zeros((2, ROWS, COLUMNS), np.float32)

    def render(self, radians: Doubles, amplitudes: Floats) -> Floats:
        """Return the next block, shape (2, BLOCK), valid until the next call.

        `radians` (partials,) is the angular frequency of each partial in radians a frame;
        `amplitudes` (2, partials) is what each has on the left and right at the end of the block.
        """
        self._turn(radians)
        self._weigh(amplitudes)
        np.multiply(self._weights, self._row_wave, out=self._left)
        np.matmul(self._left, self._right, out=self._products)
        np.sum(self._products, axis=(1, 2), out=self._block)
        return self._block.reshape(2, BLOCK)

    def silence(self) -> None:
        """Forget all amplitudes, so that the next block starts from nothing."""
        self._amplitude[...] = 0.0

    def _turn(self, radians: Doubles) -> None:
        np.multiply(self._row_start, radians, out=self._row_angle)
        self._row_angle += self._phase.astype(np.float32)
        np.sin(self._row_angle, out=self._row_wave[0])
        np.cos(self._row_angle, out=self._row_wave[1])
        np.multiply(radians[:, None], self._column, out=self._column_angle)
        np.cos(self._column_angle, out=self._right[0, 0])
        np.sin(self._column_angle, out=self._right[0, 1])
        np.multiply(self._right[0], self._column32, out=self._right[1])
        self._phase += radians * BLOCK
        self._phase %= TURN

    def _weigh(self, amplitudes: Floats) -> None:
        slope = (amplitudes - self._amplitude) / np.float32(BLOCK)
        start, within = self._weights[:, 0, 0], self._weights[:, 1, 0]
        within[...] = slope[:, None]
        np.multiply(within, self._row_start32, out=start)
        start += self._amplitude[:, None]
        self._amplitude[...] = amplitudes
