"""Whether a face can be judged at all, and light for one that stands in the dark.

Every limit was chosen from what `tests/bench/quality.py` measures: docs/vision.md has the table.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

from mirrord.vision.align import Box, Points
from mirrord.vision.network import Picture
from mirrord.wire import Quality

# Below this side of the box (pixels) the networks hardly do better than guessing.
SMALLEST_PX = 24.0
# How far the nose is off the middle between the eyes, in distances between the eyes. With a nose
# that stands out by half that distance, 0.35 is a head turned by 35 degrees.
TURNED = 0.35
# Grey levels between the darkest and the lightest hundredth of the face.
DARK = 20.0
# Second differences along the blurrier axis, as a share of the contrast, at 48 pixels.
BLURRED = 0.17
# A face with a smaller range of grey levels than this is stretched to it before it is judged.
LIT = 160.0

# The grey levels of the darkest and the lightest hundredth of a face.
Levels: TypeAlias = tuple[float, float]

_SHARPNESS_SIZE = 48
_EDGE = _SHARPNESS_SIZE // 8  # the background in the corners says nothing about the face


def turned(landmarks: Points) -> float:
    """Return the nose's offset from the middle between the eyes; infinite if the eyes coincide."""
    across = landmarks[1] - landmarks[0]
    length = float(np.hypot(*across))
    if length < 1e-3:
        return float("inf")
    nose = landmarks[2] - (landmarks[0] + landmarks[1]) / 2
    return abs(float(nose @ across)) / length**2


def light(grey: Picture) -> Levels:
    """Return the grey levels of the darkest and the lightest hundredth of a face."""
    counts = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    low, high = np.searchsorted(counts, (0.01 * counts[-1], 0.99 * counts[-1]))
    return float(low), float(high)


def sharpness(grey: Picture) -> float:
    """Return how sharp a face is along its blurrier axis; a sharp one has 0.3 to 0.7.

    The variation of the Laplacian (Pech-Pacheco et al. 2000), taken for each axis by itself so that
    motion shows, divided by that of the grey levels so that light and contrast do not.
    """
    size = (_SHARPNESS_SIZE, _SHARPNESS_SIZE)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    face = small[_EDGE - 1 : 1 - _EDGE, _EDGE - 1 : 1 - _EDGE]
    across = face[1:-1, :-2] - 2 * face[1:-1, 1:-1] + face[1:-1, 2:]
    along = face[:-2, 1:-1] - 2 * face[1:-1, 1:-1] + face[2:, 1:-1]
    contrast = max(float(face.std()), 1.0)
    return float(min(across.std(), along.std())) / contrast


def of_place(landmarks: Points, box: Box, frame: tuple[int, int]) -> Quality:
    """Judge by where a face is: "small", "turned" or "good". `frame` is height, width in pixels.

    A face with less than half of its box in the frame, or without a finite place, is "small".
    """
    x, y, width, height = box
    if not (np.isfinite(box).all() and np.isfinite(landmarks).all()):
        return "small"
    seen_x = min(x + width, frame[1]) - max(x, 0.0)
    seen_y = min(y + height, frame[0]) - max(y, 0.0)
    if min(width, height) < SMALLEST_PX or min(seen_x / width, seen_y / height) < 0.5:
        return "small"
    return "turned" if turned(landmarks) > TURNED else "good"


def of_picture(grey: Picture, levels: Levels) -> Quality:
    """Judge by how a face looks, (n, n) grey, with its `light`: "dark", "blurred" or "good"."""
    low, high = levels
    if high - low < DARK:
        return "dark"
    return "blurred" if sharpness(grey) < BLURRED else "good"


def lit(face: Picture, levels: Levels) -> Picture:
    """Return a face, (n, n, 3) or (n, n), with the range of its `light` stretched to `LIT`.

    A face that has it is returned as it is, and the stretch grows from there without a step.
    """
    low, high = levels
    reach = max(high - low, 1.0)
    if reach >= LIT:
        return face
    table = (np.arange(256) - low) * (LIT / reach) + min(low, 255.0 - LIT)
    return np.asarray(cv2.LUT(face, np.clip(np.rint(table), 0, 255).astype(np.uint8)), np.uint8)
