"""Real faces for comparing networks: how each is made from pictures that scikit-image ships.

An entry is a dictionary: `image` ("astronaut", the portrait of Eileen Collins by NASA, in the
public domain, with `left` and `top` of the cut; or "lfw" with `index`, 100 faces of 25 pixels),
`flip` and `gain`. Plain arithmetic makes them, the same pixels with every version of any library.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

# A picture's side; the face's box in it leaves out what `fer` adds on every side of a box.
SIDE = 132
MARGIN = 10
BOX = (MARGIN, MARGIN, SIDE - 2 * MARGIN, SIDE - 2 * MARGIN)

_LFW_FACES = 100
_ENLARGE = 4

Entry = dict[str, Any]
Pixels = npt.NDArray[np.uint8]


def entries() -> list[Entry]:
    """Return every face to compare: 36 of the astronaut, 100 of other people."""
    shifts = itertools.product((150, 158, 166), (46, 56, 66))
    looks = ((False, 1.0), (True, 1.0), (False, 0.45), (True, 1.4))
    portrait = [
        {"image": "astronaut", "left": left, "top": top, "flip": flip, "gain": gain}
        for (left, top), (flip, gain) in itertools.product(shifts, looks)
    ]
    people = [
        {"image": "lfw", "index": index, "flip": False, "gain": 1.0} for index in range(_LFW_FACES)
    ]
    return portrait + people


def picture(entry: Entry, data: Path) -> Pixels:
    """Return the (132, 132, 3) BGR picture of an entry; `data` is scikit-image's data directory."""
    if entry["image"] == "astronaut":
        left, top = entry["left"], entry["top"]
        pixels = _portrait(data)[top : top + SIDE, left : left + SIDE]
    else:
        pixels = _person(data, entry["index"])
    if entry["flip"]:
        pixels = pixels[:, ::-1]
    scaled = np.clip(np.floor(pixels * entry["gain"] + 0.5), 0, 255)
    return np.ascontiguousarray(scaled.astype(np.uint8))


def face(pixels: Pixels) -> Pixels:
    """Return what lies within `BOX`, (112, 112, 3)."""
    left, top, width, height = BOX
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


@functools.cache
def _portrait(data: Path) -> Pixels:
    return np.asarray(cv2.imread(str(data / "astronaut.png")), np.uint8)


def _person(data: Path, index: int) -> npt.NDArray[np.float64]:
    """Return one of the small faces, each pixel enlarged and smoothed, edges repeated to fill."""
    small = np.load(data / "lfw_subset.npy")[index] * 255.0
    large = np.kron(small, np.ones((_ENLARGE, _ENLARGE)))
    short = SIDE - len(large) + _ENLARGE - 1
    padded = np.pad(large, (short // 2, short - short // 2), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_ENLARGE, _ENLARGE))
    return np.repeat(windows.mean(axis=(2, 3))[:, :, None], 3, axis=2)


def write(path: Path, faces: list[Entry]) -> None:
    """Write entries with their answers, one a line."""
    lines = ",\n".join(json.dumps(face) for face in faces)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def rounded(probabilities: Iterable[float]) -> list[float]:
    """Return probabilities to nine decimals: enough for single precision."""
    return [round(float(one), 9) for one in probabilities]
