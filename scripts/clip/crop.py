"""Cuts the portrait of the demo's clip out of scikit-image's astronaut (NASA, public domain).

    python scripts/clip/crop.py

needs scikit-image (of the test group). Writes mirrord/simulator/data/portrait.png and prints where
YuNet sees the landmarks, which `mirrord/simulator/portrait.py` has as constants.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import skimage

from mirrord.vision.detector import Detector
from mirrord.vision.models import detector_path

PORTRAIT = Path(__file__).parents[2] / "mirrord" / "simulator" / "data" / "portrait.png"
LEFT, TOP, WIDTH, HEIGHT = 52, 0, 340, 255  # of 512 x 512; the shape of a 640 x 480 frame
SIZE = (640, 480)


def main() -> None:
    """Write the portrait and print its landmarks."""
    whole = cv2.imread(str(Path(skimage.__file__).parent / "data" / "astronaut.png"))
    if whole is None:
        raise SystemExit("scikit-image has no astronaut.png here")
    part = whole[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]
    cv2.imwrite(str(PORTRAIT), part, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    frame = cv2.resize(part, SIZE, interpolation=cv2.INTER_CUBIC)
    (face,) = Detector(detector_path(), 640).find(frame)
    print("box", [round(value) for value in face.box])
    print("landmarks", face.landmarks.round(1).tolist())


main()
