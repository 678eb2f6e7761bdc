"""Which face is which: follows faces between two detections, and numbers them."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from mirrord.vision.detector import Face, Points
from mirrord.vision.motion import Grey

Matrix: TypeAlias = npt.NDArray[np.float64]

_FORGET_S = 1.5
_SAME_FACE_IOU = 0.2
_SAME_FACE_DISTANCE = 0.6  # of the face's width, between two centres
_MIN_INLIERS = 6
_WINDOW = (15, 15)
_LEVELS = 2
# Where on a face, beside the landmarks, there is something to hold on to; shares of the box.
_GRID = np.array([(x, y) for y in (0.2, 0.4, 0.6, 0.8) for x in (0.25, 0.5, 0.75)], np.float32)


class Track(msgspec.Struct, frozen=True):
    """A face with the number it keeps. The number says nothing of who it is."""

    number: int
    face: Face
    seen_s: float


class Tracker:
    """Numbers what a detector finds, and moves it along with the optical flow in between.

    The flow (pyramidal Lucas & Kanade) of the landmarks and a grid on the face gives one similarity
    per face. When too few of the points agree the face has to be detected anew. `scale` is the
    size of the grey pictures as a share of the frame's.
    """

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._lost: list[Track] = []
        self._grey: Grey | None = None
        self._next = 1

    def detected(self, faces: list[Face], grey: Grey, now_s: float) -> list[Track]:
        """Take a detection's faces for the truth; return them with their numbers."""
        known = self._tracks + [one for one in self._lost if now_s - one.seen_s <= _FORGET_S]
        matched = _match(known, faces)
        self._tracks = [
            Track(known[matched[i]].number if i in matched else self._new(), face, now_s)
            for i, face in enumerate(faces)
        ]
        kept = {one.number for one in self._tracks}
        self._lost = [one for one in known if one.number not in kept]
        self._grey = grey
        return self._tracks

    def _new(self) -> int:
        number = self._next
        self._next += 1
        return number

    def follow(self, grey: Grey, scale: float, now_s: float) -> list[Track] | None:
        """Return the faces moved to where they are in `grey`; None if one got out of sight."""
        before, self._grey = self._grey, grey
        if before is None or before.shape != grey.shape:
            return None
        moved = []
        for track in self._tracks:
            face = _moved(track.face, before, grey, scale)
            if face is None:
                return None
            moved.append(Track(track.number, face, now_s))
        self._tracks = moved
        return moved


def _moved(face: Face, before: Grey, after: Grey, scale: float) -> Face | None:
    x, y, width, height = face.box
    grid = _GRID * (width, height) + (x, y)
    start = (np.vstack([face.landmarks, grid]) * scale).astype(np.float32).reshape(-1, 1, 2)
    end, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, start, np.empty_like(start), winSize=_WINDOW, maxLevel=_LEVELS
    )
    good = found.ravel() == 1
    matrix = _similarity(start[good, 0] / scale, end[good, 0] / scale, 0.03 * width + 1.0)
    if matrix is None:
        return None
    return _transformed(face, matrix, (after.shape[1] / scale, after.shape[0] / scale))


def _similarity(start: Points, end: Points, limit: float) -> Matrix | None:
    """Return the 2 x 3 matrix of the shift, turn and growth that most of the points agree on.

    Least squares over those that are at most `limit` (pixels) off the median shift, and then twice
    over those that are so little off the last answer; None if too few are.
    """
    shift = end - start
    off = np.abs(shift - np.median(shift, axis=0)).max(axis=1) if len(shift) else np.zeros(0)
    matrix = None
    for _ in range(3):
        kept = off <= (limit if matrix is not None else 3 * limit)
        if kept.sum() < _MIN_INLIERS:
            return None
        matrix = _least_squares(start[kept].astype(np.float64), end[kept].astype(np.float64))
        off = np.abs(start @ matrix[:, :2].T + matrix[:, 2] - end).max(axis=1)
    return matrix


def _least_squares(start: Matrix, end: Matrix) -> Matrix:
    """Return the similarity that takes points to points (Umeyama 1991, in two dimensions)."""
    from_middle, to_middle = start.mean(axis=0), end.mean(axis=0)
    one, other = start - from_middle, end - to_middle
    spread = float((one**2).sum()) or 1.0
    cos = float((one * other).sum()) / spread
    sin = float((one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]).sum()) / spread
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, to_middle - turn @ from_middle])


def _transformed(face: Face, matrix: Matrix, frame_size: tuple[float, float]) -> Face | None:
    grow = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if not 0.7 < grow < 1.4:  # nobody comes that much closer from one frame to the next
        return None
    x, y, width, height = face.box
    centre = matrix @ (x + width / 2, y + height / 2, 1.0)
    half = np.array([width, height]) * grow / 2
    left, top = np.clip(centre - half, 0, frame_size)
    right, bottom = np.clip(centre + half, 0, frame_size)
    if right - left < 0.5 * width or bottom - top < 0.5 * height:
        return None
    landmarks: Points = (face.landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    box = (float(left), float(top), float(right - left), float(bottom - top))
    return Face(box, landmarks, face.score)


def _match(known: list[Track], faces: list[Face]) -> dict[int, int]:
    """Return for the index of each face the index of the track it continues, best pairs first."""
    pairs = sorted(
        (
            (_likeness(track.face, face), t, f)
            for t, track in enumerate(known)
            for f, face in enumerate(faces)
        ),
        reverse=True,
    )
    taken: set[int] = set()
    matched: dict[int, int] = {}
    for likeness, t, f in pairs:
        if likeness > 0 and t not in taken and f not in matched:
            taken.add(t)
            matched[f] = t
    return matched


def _likeness(one: Face, other: Face) -> float:
    """Return how well two boxes agree: their IoU, or less if they are only near; 0 if neither."""
    iou = overlap(one.box, other.box)
    if iou >= _SAME_FACE_IOU:
        return iou
    (x, y, w, h), (u, v, s, t) = one.box, other.box
    size = max(w, s)
    if min(w, s) < 0.6 * size:
        return 0.0
    distance = float(np.hypot(x + w / 2 - u - s / 2, y + h / 2 - v - t / 2)) / size
    return max(0.0, _SAME_FACE_IOU * (1 - distance / _SAME_FACE_DISTANCE))


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the intersection over union of two boxes x, y, width, height."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    common = across * down
    return min(1.0, common / (one[2] * one[3] + other[2] * other[3] - common))
