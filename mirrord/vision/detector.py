"""Where the faces are: YuNet (Wu, Peng & Yu 2023) through OpenCV's FaceDetectorYN."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from mirrord.vision.camera import Frame

Detail: TypeAlias = Literal["normal", "power-save", "far"]
Points: TypeAlias = npt.NDArray[np.float32]

THRESHOLD = 0.6
_NMS = 0.3
# The crop in which a face is looked at again: its side in pixels, and in sides of the face's box.
_CLOSE_SIDE, _CLOSE_MARGIN = 256, 1.35
_TILTED = 8.0  # degrees
# Pixels that a frame is shrunk to before faces are looked for; "far" leaves it as it is.
LONGER_SIDE: dict[Detail, int] = {"normal": 480, "power-save": 320, "far": 100_000}


class Face(msgspec.Struct, frozen=True):
    """A face in pixels of its frame.

    `box` is x, y, width, height and lies within the frame. `landmarks` is (5, 2): the eye on the
    left of the picture, the other eye, the tip of the nose, the left and the right mouth corner.
    """

    box: tuple[float, float, float, float]
    landmarks: Points
    score: float


class Detector:
    """Finds faces in frames of any size, shrunk to `longer_side` pixels.

    Each face is looked at again from close by: on a face of 60 pixels YuNet sees next to nothing of
    a tilt of 25 degrees, and the classifier needs the eyes to be level. (Measured on faces of 60
    and 100 pixels, tilted by 25 degrees: 45 and 49 % right without, 57 and 59 % with it.)
    """

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
        by = np.array([width / size[0], height / size[1]], np.float32)
        faces = (_face(row, by, (width, height)) for row in self._rows(picture))
        found = sorted((face for face in faces if face), key=lambda face: -face.score)
        return [self._closer(frame, face) for face in found]

    def _rows(self, picture: MatLike) -> Points:
        """Return what the net sees: (n, 15) x, y, w, h, 5 landmarks, score, in the picture."""
        size = (picture.shape[1], picture.shape[0])
        if size != self._size:
            self._net.setInputSize(size)
            self._size = size
        rows = self._net.detect(picture)[1]
        return np.empty((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)

    def _closer(self, frame: Frame, face: Face) -> Face:
        """Return a face with landmarks from a look at it alone; from two if it is tilted."""
        closer = self._landmarks(frame, face, 0.0)
        tilt = _tilt(closer)
        if abs(tilt) > _TILTED:
            closer = self._landmarks(frame, face, tilt)
        return Face(face.box, closer, face.score)

    def _landmarks(self, frame: Frame, face: Face, tilt: float) -> Points:
        """Return the landmarks in the frame, seen in a crop that is turned by `tilt` degrees."""
        x, y, width, height = face.box
        to_crop = cv2.getRotationMatrix2D(
            (x + width / 2, y + height / 2),
            tilt,
            _CLOSE_SIDE / (_CLOSE_MARGIN * max(width, height)),
        )
        to_crop[0, 2] += _CLOSE_SIDE / 2 - x - width / 2
        to_crop[1, 2] += _CLOSE_SIDE / 2 - y - height / 2
        size = (_CLOSE_SIDE, _CLOSE_SIDE)
        rows = self._rows(cv2.warpAffine(frame, to_crop, size, borderMode=cv2.BORDER_REPLICATE))
        if not len(rows) or not np.isfinite(rows).all():
            return face.landmarks
        off_centre = np.hypot(*(rows[:, :2] + rows[:, 2:4] / 2 - _CLOSE_SIDE / 2).T)
        nearest = rows[np.argmin(off_centre)]
        if off_centre.min() > _CLOSE_SIDE / 4:
            return face.landmarks
        back = cv2.invertAffineTransform(to_crop)
        landmarks = nearest[4:14].reshape(5, 2) @ back[:, :2].T + back[:, 2]
        return np.ascontiguousarray(landmarks, np.float32)


def _tilt(landmarks: Points) -> float:
    """Return by how many degrees the eyes are off the level, clockwise in the picture."""
    across = landmarks[1] - landmarks[0]
    return float(np.degrees(np.arctan2(across[1], across[0])))


def _face(row: Points, by: Points, frame_size: tuple[int, int]) -> Face | None:
    """Return the face of a row scaled to the frame."""
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
