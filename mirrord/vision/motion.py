"""Has anything moved? Cheap answers on small grey pictures."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.vision.camera import Frame

Grey: TypeAlias = npt.NDArray[np.uint8]

_GREY_SIDE = 320
_SMALL_SIDE = 80
_NOISE = 12  # levels of grey; a smaller difference is the camera's noise
_PATCH = (24, 24)


def grey_of(frame: Frame) -> tuple[Grey, float]:
    """Return a grey picture of at most 320 pixels, and its share of the frame's size."""
    height, width = frame.shape[:2]
    scale = min(1.0, _GREY_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
    return _grey(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)), scale


class Motion:
    """Compares each picture with the last one that was different enough to matter."""

    def __init__(self) -> None:
        self._reference: Grey | None = None

    def changed(self, grey: Grey) -> float:
        """Return the share (0..1) of the picture that is not as it was.

        The mean is taken out first: a lamp that is dimmed or a camera that adapts moves nothing.
        """
        small = _small(grey)
        before = self._reference
        if before is None or before.shape != small.shape:
            self._reference = small
            return 1.0
        change = small.astype(np.int16) - before
        change -= np.int16(round(float(change.mean())))
        return float(np.count_nonzero(np.abs(change) > _NOISE)) / change.size

    def remember(self, grey: Grey) -> None:
        """Take this picture for the one to compare with."""
        self._reference = _small(grey)


def _small(grey: Grey) -> Grey:
    height, width = grey.shape
    scale = min(1.0, _SMALL_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return _grey(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def face_patch(grey: Grey, box: tuple[float, float, float, float], scale: float) -> Grey:
    """Return a face of the frame as 24x24 pixels."""
    x, y, width, height = (round(value * scale) for value in box)
    face = grey[max(0, y) : y + max(1, height), max(0, x) : x + max(1, width)]
    return _grey(cv2.resize(face, _PATCH, interpolation=cv2.INTER_AREA))


def difference(one: Grey, other: Grey) -> float:
    """Return the mean difference of two patches in levels of grey."""
    return float(cv2.norm(one, other, cv2.NORM_L1)) / one.size


def _grey(picture: npt.NDArray[np.generic]) -> Grey:
    return picture.astype(np.uint8, copy=False)
