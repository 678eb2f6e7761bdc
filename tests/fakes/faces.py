"""A real face in frames of one's own making."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from mirrord.simulator.portrait import HEIGHT, WIDTH, Portrait
from mirrord.vision.camera import Frame

# The portrait's face, as eyes measure it: x, y, width, height.
BOX = (240, 118, 171, 213)
EYES = ((284.5, 192.6), (363.6, 198.6))


@cache
def portrait() -> Portrait:
    return Portrait()


def wall(level: int = 90) -> Frame:
    """A room with nobody in it: a wall with some light on it, and a camera's noise."""
    light = np.linspace(level - 20, level + 20, WIDTH, dtype=np.float32)
    noise = np.random.default_rng(1).normal(0, 3, (HEIGHT, WIDTH, 3)).astype(np.float32)
    return np.clip(light[None, :, None] + noise, 0, 255).astype(np.uint8)


def placed(scale: float = 1.0, right: float = 0.0, down: float = 0.0, turn: float = 0.0) -> Frame:
    """The portrait on the wall, scaled and turned (degrees) about its face, and shifted."""
    centre = (BOX[0] + BOX[2] / 2, BOX[1] + BOX[3] / 2)
    matrix = cv2.getRotationMatrix2D(centre, turn, scale)
    matrix[:, 2] += (right, down)
    frame = wall()
    cv2.warpAffine(
        portrait().picture,
        matrix,
        (WIDTH, HEIGHT),
        dst=frame,
        flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return frame


def side_by_side(count: int) -> Frame:
    """A frame twice as wide for each portrait in it."""
    return np.hstack([portrait().picture] * count)
