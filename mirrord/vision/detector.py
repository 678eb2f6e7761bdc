"""Where the faces are: YuNet (Wu, Peng & Yu 2023) through OpenCV's FaceDetectorYN."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.vision.camera import Frame

Detail: TypeAlias = Literal["normal", "power-save", "far"]
Points: TypeAlias = npt.NDArray[np.float32]

THRESHOLD = 0.6
_NMS = 0.3
# Pixels that a frame is shrunk to before faces are looked for; "far" leaves it as it is.
LONGER_SIDE: dict[Detail, int] = {"normal": 480, "power-save": 320, "far": 100_000}


@dataclass(frozen=True, slots=True)
class Face:
    """A face in pixels of its frame.

    `box` is x, y, width, height and lies within the frame. `landmarks` is (5, 2): the eye on the
    left of the picture, the other eye, the tip of the nose, the left and the right mouth corner.
    """

    box: tuple[float, float, float, float]
    landmarks: Points
    score: float


class Detector:
    """Finds faces in frames of any size, shrunk to `longer_side` pixels."""

    def __init__(self, path: Path, longer_side: int = LONGER_SIDE["normal"]) -> None:
        self._longer_side = longer_side
        self._net = cv2.FaceDetectorYN.create(str(path), "", (0, 0), THRESHOLD, _NMS)
        self._size = (0, 0)

    def find(self, frame: Frame, longer_side: int | None = None) -> list[Face]:
        """Return the faces of a (height, width, 3) BGR frame, the most certain first."""
        height, width = frame.shape[:2]
        scale = min(1.0, (longer_side or self._longer_side) / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
        if size != self._size:
            self._net.setInputSize(size)
            self._size = size
        found = self._net.detect(picture)[1]
        if found is None:
            return []
        by = np.array([width / size[0], height / size[1]], np.float32)
        faces = (_face(row, by, (width, height)) for row in found)
        return sorted((face for face in faces if face), key=lambda face: -face.score)


def _face(row: Points, by: Points, frame_size: tuple[int, int]) -> Face | None:
    """Return the face of a row (x, y, w, h, 5 landmarks, score) scaled to the frame."""
    if not np.isfinite(row).all():
        return None
    left, top = np.clip(row[:2] * by, 0, frame_size)
    right, bottom = np.clip((row[:2] + row[2:4]) * by, 0, frame_size)
    if right - left < 1 or bottom - top < 1:
        return None
    # The network lists the person's right eye first, which is the one on the left.
    landmarks = np.ascontiguousarray(row[4:14].reshape(5, 2) * by)
    box = (float(left), float(top), float(right - left), float(bottom - top))
    return Face(box, landmarks, float(min(1.0, max(0.0, row[14]))))
