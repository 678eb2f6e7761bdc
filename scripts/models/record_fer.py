"""Records what the real `fer` package says of real faces. Runs in an environment that has it.

    python scripts/models/record_fer.py SKIMAGE_DATA OUTPUT.json

The package rounds its answers; its own network, given its own preprocessing, is overheard instead.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
warnings.simplefilter("ignore")

import numpy as np
from fer.fer import FER
from parity_faces import BOX, entries, picture, rounded, write


class Overheard(FER):
    """The real thing, keeping what its network said before it is rounded."""

    def _classify_emotions(self, gray_faces):
        self.said = np.asarray(super()._classify_emotions(gray_faces))
        return self.said


def main(data: str, output: str) -> None:
    """Record all faces, by the original network and by the 8-bit copy that is fer's default."""
    original, default = Overheard(use_tflite=False), Overheard()
    faces = []
    for entry in entries():
        pixels = picture(entry, Path(data))
        for fer in (original, default):
            fer.detect_emotions(pixels, face_rectangles=[BOX])
        said, by_default = rounded(original.said[0]), rounded(default.said[0])
        faces.append({**entry, "probabilities": said, "default": by_default})
    write(Path(output), faces)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
