"""Runs the classifier "fer-reference", the real fer package, on the portrait, where it can.

python scripts/models/check_reference.py SKIMAGE_DATA
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from mirrord.vision.classifier import load
from mirrord.vision.detector import Detector
from mirrord.vision.models import detector_path


def main(data: str) -> None:
    """Judge the astronaut, who smiles; end with status 1 if that is not what comes out."""
    portrait = np.asarray(cv2.imread(str(Path(data) / "astronaut.png")), np.uint8)
    (face,) = Detector(detector_path()).find(portrait)
    judged = load("fer-reference").judge(portrait, face.landmarks, face.box)
    print(f"fer-reference: {judged.expression}, confidence {judged.confidence:.3f}")
    if judged.expression != "happy" or judged.confidence < 0.6:
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
