"""Cuts a face out of a frame, upright."""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.vision.network import Picture

Points: TypeAlias = npt.NDArray[np.floating]
Box: TypeAlias = tuple[float, float, float, float]

SIZE = 112
# The crop's side in sides of the detector's box. Measured: 1.3 and more costs 3 to 10 points.
MARGIN = 1.1
# What is cut out before shrinking, in sides of the crop: enough for any roll.
_AROUND = math.sqrt(2) / 2


def roll(landmarks: Points) -> float:
    """Return by how many radians a head is tilted, clockwise in the picture.

    `landmarks` is (5, 2) in pixels, YuNet's: the eye on the left of the picture, the other eye, the
    tip of the nose, the mouth's corners.
    """
    across = landmarks[1] - landmarks[0]
    return math.atan2(across[1], across[0])


def align(frame: Picture, landmarks: Points, box: Box) -> Picture:
    """Return the face as a (112, 112, 3) BGR picture, its eyes level.

    `frame` is (height, width, 3) BGR; `box` is x, y, width, height in its pixels and has to overlap
    it. What lies beyond the frame repeats the edge.
    """
    x, y, width, height = box
    side = max(width, height) * MARGIN
    centre = np.array([x + width / 2, y + height / 2])
    shrink = int(side // SIZE)
    if shrink > 1:
        frame, centre, scale = _shrunk(frame, centre, side, shrink)
        side *= scale
    return _upright(frame, centre, side, roll(landmarks))


def _shrunk(
    frame: Picture, centre: npt.NDArray[np.float64], side: float, by: int
) -> tuple[Picture, npt.NDArray[np.float64], float]:
    """Return what is around a large face, smaller, its pixels averaged: sampling would skip them.

    With it come the centre in its pixels, and its scale.
    """
    reach = side * _AROUND
    low = np.maximum(centre - reach, 0).astype(int)
    high = np.minimum(np.ceil(centre + reach), frame.shape[1::-1]).astype(int)
    around = frame[low[1] : high[1], low[0] : high[0]]
    # A whole number of blocks, so that both axes shrink by exactly `by`.
    height, width = (max(by, length - length % by) for length in around.shape[:2])
    small = cv2.resize(
        around[:height, :width], (width // by, height // by), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small, np.uint8), (centre - low) / by, 1 / by


def _upright(frame: Picture, centre: npt.NDArray[np.float64], side: float, angle: float) -> Picture:
    scale = SIZE / side
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    turn = np.array([[cos, sin], [-sin, cos]])
    # Half a pixel: coordinates of the box are edges of pixels, those of warpAffine their middles.
    shift = SIZE / 2 - 0.5 - turn @ (centre - 0.5)
    upright = cv2.warpAffine(
        frame,
        np.column_stack([turn, shift]),
        (SIZE, SIZE),
        flags=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(upright, np.uint8)
