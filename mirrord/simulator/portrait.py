"""A portrait whose face moves: smooth displacements around its landmarks, and a little paint.

The picture is a crop of NASA's photograph of the astronaut Eileen Collins (public domain), as
scikit-image ships it; data/NOTICE.md says more.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.errors import MirrorError

Picture: TypeAlias = npt.NDArray[np.uint8]
Field: TypeAlias = npt.NDArray[np.float32]

PORTRAIT = Path(__file__).parent / "data" / "portrait.png"
WIDTH, HEIGHT = 640, 480
# Where the detector sees the eyes at that size; printed by scripts/clip/crop.py.
LEFT_EYE, RIGHT_EYE = (284.5, 192.6), (363.6, 198.6)

# What moves and how, in face coordinates: origin between the eyes, unit the distance between them,
# y down. Each place is x, y, reach (standard deviation) and the direction of one unit of movement.
_Place: TypeAlias = tuple[float, float, float, float, float]
MOVES: Mapping[str, tuple[_Place, ...]] = {
    "corners_down": ((-0.48, 0.88, 0.2, 0, 1), (0.48, 0.88, 0.2, 0, 1)),
    "corners_out": ((-0.48, 0.88, 0.22, -1, 0), (0.48, 0.88, 0.22, 1, 0)),
    "upper_lip_down": ((0.0, 0.84, 0.2, 0, 1),),
    "lower_lip_down": ((0.0, 1.08, 0.2, 0, 1),),
    "jaw_down": ((0.0, 1.5, 0.4, 0, 1),),
    "inner_brows_down": ((-0.22, -0.28, 0.2, 0, 1), (0.22, -0.28, 0.2, 0, 1)),
    "outer_brows_down": ((-0.72, -0.3, 0.22, 0, 1), (0.72, -0.3, 0.22, 0, 1)),
    "brows_apart": ((-0.22, -0.28, 0.2, -1, 0), (0.22, -0.28, 0.2, 1, 0)),
    "upper_lids_down": ((-0.5, -0.09, 0.13, 0, 1), (0.5, -0.09, 0.13, 0, 1)),
    "lower_lids_down": ((-0.5, 0.1, 0.13, 0, 1), (0.5, 0.1, 0.13, 0, 1)),
}
PAINTS = ("teeth_hidden", "mouth_dark", "folds_soft", "frown")
# The folds that a smile makes beside the nose and mouth; the lines of a frown. x, y, reach.
_FOLDS = ((-0.52, 0.68, 0.13), (0.52, 0.68, 0.13), (-0.6, 0.9, 0.12), (0.6, 0.9, 0.12))
_FROWN = tuple((x, y, 0.035) for x in (-0.1, 0.1) for y in (-0.22, -0.15, -0.08))
HEAD = (0.0, 0.3, 1.5)  # x, y, reach of what moves when the head does

_LIP = np.array([105, 95, 165], np.float32)  # BGR of this portrait's lips
_DARK = np.array([35, 25, 60], np.float32)


class Portrait:
    """Renders the portrait in BGR, 640 x 480."""

    def __init__(self) -> None:
        picture = cv2.imread(str(PORTRAIT), cv2.IMREAD_COLOR)
        if picture is None:
            raise MirrorError(f"{PORTRAIT}: the demo's portrait is missing; install again")
        self.picture = _resized(cast(Picture, picture))
        self._x, self._y = np.meshgrid(
            np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32)
        )
        left, right = np.array(LEFT_EYE), np.array(RIGHT_EYE)
        self._unit = float(np.hypot(*(right - left)))
        across = (right - left) / self._unit
        self._axes = np.array([across, (-across[1], across[0])], np.float32)
        self._place = self._face_coordinates((left + right) / 2)
        self._moves = {name: self._field(places) for name, places in MOVES.items()}
        self._head = self._bump(*HEAD)
        self._teeth = self._teeth_mask()
        self._folds = sum((self._bump(*place) for place in _FOLDS), np.zeros_like(self._x))
        self._frown = sum((self._bump(*place) for place in _FROWN), np.zeros_like(self._x))
        self._soft = np.asarray(cv2.GaussianBlur(self.picture, (0, 0), 9), np.float32)
        self._draw({})

    def render(self, face: Mapping[str, float], head: tuple[float, float] = (0.0, 0.0)) -> Picture:
        """Return a frame.

        `face` has amounts for `MOVES` (in distances between the eyes) and `PAINTS` (0..1); `head`
        is how far the head is to the right and down, in pixels.
        """
        if face != self._drawn:
            self._draw(face)
        moved = cv2.remap(
            self._painted,
            self._map_x - self._head * np.float32(head[0]),
            self._map_y - self._head * np.float32(head[1]),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(moved, np.uint8)

    def _draw(self, face: Mapping[str, float]) -> None:
        """Keep what an expression is made of: it is held for many frames."""
        shift = np.zeros((HEIGHT, WIDTH, 2), np.float32)
        for name, field in self._moves.items():
            if name in face:
                cv2.scaleAdd(field, face[name], shift, dst=shift)
        self._map_x, self._map_y = self._x - shift[..., 0], self._y - shift[..., 1]
        self._painted = self._paint(*(min(1.0, max(0.0, face.get(name, 0.0))) for name in PAINTS))
        self._drawn = dict(face)

    def _face_coordinates(self, origin: npt.NDArray[np.float64]) -> Field:
        offset = np.stack([self._x, self._y], axis=-1) - origin.astype(np.float32)
        return np.asarray(offset @ self._axes.T / np.float32(self._unit), np.float32)

    def _bump(self, x: float, y: float, reach: float) -> Field:
        """Return a Gaussian of height 1, (480, 640)."""
        squares = (self._place[..., 0] - x) ** 2 + (self._place[..., 1] - y) ** 2
        return np.asarray(np.exp(-squares / np.float32(2 * reach**2)), np.float32)

    def _field(self, places: tuple[_Place, ...]) -> Field:
        """Return the displacement in pixels, (480, 640, 2), of one unit of a movement."""
        total = np.zeros((HEIGHT, WIDTH, 2), np.float32)
        for x, y, reach, right, down in places:
            total += self._bump(x, y, reach)[..., None] * np.array([right, down], np.float32)
        return np.asarray(total @ self._axes * np.float32(self._unit), np.float32)

    def _teeth_mask(self) -> Field:
        """Return how much each pixel is teeth (0..1): bright, pale, and in the mouth."""
        place = self._place
        inside = np.exp(-((place[..., 0] / 0.4) ** 4) - ((place[..., 1] - 0.93) / 0.12) ** 4)
        low = self.picture.min(axis=2).astype(np.float32)
        pale = 1 - (self.picture.max(axis=2) - low) / 75
        mask = np.clip(3 * pale - 0.6, 0, 1) * np.clip((low - 90) / 40, 0, 1) * inside
        whole = cv2.morphologyEx(
            mask.astype(np.float32), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)
        )
        return np.asarray(cv2.GaussianBlur(whole, (0, 0), 1.5), np.float32)

    def _paint(self, hidden: float, dark: float, soft: float, frown: float) -> Picture:
        picture = self.picture
        if soft > 0:
            picture = _over(picture, self._soft, self._folds * np.float32(soft))
        if frown > 0:
            picture = _over(picture, self._soft * 0.55, self._frown * np.float32(0.6 * frown))
        if max(hidden, dark) > 0:
            colour = _LIP + (_DARK - _LIP) * np.float32(dark)
            picture = _over(picture, colour, self._teeth * np.float32(1.3 * max(hidden, dark)))
        return picture


def _over(picture: Picture, paint: Field, share: Field) -> Picture:
    """Return a picture with paint over it; `share`, (480, 640), is 1 where paint hides all."""
    seen = share > 1 / 512  # of the rest nothing would show; most of a picture has none
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return picture
    at = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    part = np.clip(share[at], 0, 1)[..., None]
    painted = picture.copy()
    below = painted[at]
    paint = paint[at] if paint.ndim > 1 else paint  # a picture, or one colour
    painted[at] = np.asarray(below + (paint - below) * part, np.uint8)
    return painted


def _resized(picture: Picture) -> Picture:
    resized = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(resized, np.uint8)
