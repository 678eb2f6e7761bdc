"""An expression network, run by OpenCV."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.expression import EXPRESSIONS
from mirrord.vision.models import ExpressionModel, weights

Picture: TypeAlias = npt.NDArray[np.uint8]
Logits: TypeAlias = npt.NDArray[np.float64]


class Network:
    """One of the shipped networks, in memory. Not for two threads at once."""

    def __init__(self, model: ExpressionModel) -> None:
        """Load it. Raises MirrorError if its file is missing or damaged."""
        self._prepare = model.preprocessing
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights(model), np.uint8))
        self._order = [model.labels.index(name) for name in EXPRESSIONS]

    def logits(self, face: Picture) -> Logits:
        """Return seven logits in the order of `EXPRESSIONS`.

        `face` is a square crop, (n, n, 3) BGR or (n, n) grey.
        """
        self._net.setInput(self._input(face))
        return self._net.forward()[0, self._order].astype(np.float64)

    def _input(self, face: Picture) -> npt.NDArray[np.float32]:
        prepare = self._prepare
        grey = len(prepare.mean) == 1
        if grey and face.ndim == 3:
            face = _as(face, cv2.COLOR_BGR2GRAY)
        elif not grey and face.ndim == 2:
            face = _as(face, cv2.COLOR_GRAY2BGR)
        size = (prepare.size, prepare.size)
        if face.shape[:2] != size:
            face = np.asarray(cv2.resize(face, size, interpolation=prepare.interpolation), np.uint8)
        blob = cv2.dnn.blobFromImage(face, prepare.scale, size, prepare.mean, swapRB=not grey)
        return np.asarray(blob, np.float32)


def _as(picture: Picture, conversion: int) -> Picture:
    return np.asarray(cv2.cvtColor(picture, conversion), np.uint8)


def log_softmax(logits: Logits) -> Logits:
    """Return the logarithms of the probabilities that logits (..., 7) stand for."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float64)
