"""The real `fer` package behind the classifier's interface, for those who want to compare."""

from __future__ import annotations

import os
import warnings
from typing import Any, Protocol

import numpy as np

from mirrord.errors import MirrorError
from mirrord.expression import EXPRESSIONS
from mirrord.vision.classifier import Sighting
from mirrord.vision.network import Logits

_HOW = (
    'vision.model "fer-reference" needs the fer package (7.5 GB): on x86_64 with Python 3.11 or '
    "3.12, run `pip install 'mood-mirror[fer]'`"
)
# The package rounds to two decimals; a 0 stands for less than half of one.
_LEAST = 0.0025


class _Fer(Protocol):
    def detect_emotions(self, img: Any, face_rectangles: Any = None) -> list[dict[str, Any]]: ...


class FerPackage:
    """`fer.FER()` with its own preprocessing, told where the face is."""

    def __init__(self) -> None:
        """Import and start it; this takes seconds. Raises MirrorError if it cannot run here."""
        self._fer = _started()

    def log_probabilities(self, seen: Sighting) -> Logits:
        box = [round(value) for value in seen.box]
        found = self._fer.detect_emotions(seen.frame, face_rectangles=[box])
        # An empty answer is its way to say that the box holds no pixels.
        answer = found[0]["emotions"] if found else dict.fromkeys(EXPRESSIONS, 1.0)
        return np.log(np.array([max(answer[name], _LEAST) for name in EXPRESSIONS], np.float64))


def _started() -> _Fer:
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own deprecations, which nobody here can act on
            from fer.fer import FER  # noqa: PLC0415 -- takes seconds and half a gigabyte

            fer: _Fer = FER()
    except (ImportError, AttributeError) as error:  # OpenCV 5 has no CascadeClassifier any more
        raise MirrorError(f"{_HOW} ({error})") from None
    return fer
