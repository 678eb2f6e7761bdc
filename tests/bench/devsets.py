"""The development sets: for measuring only. They are not ours to ship; a directory is given.

`expressions-dev.npz` holds `images` (n, 48, 48) uint8 and `labels` 0..6 in the order of
EXPRESSIONS: the public test part of FER2013. `photos-dev/` holds photographs and `labels.csv`
(file, label).
"""

from __future__ import annotations

import csv
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.model import EXPRESSIONS
from mirrord.vision.network import Picture

VARIABLE = "MIRROR_DEV_DATA"
CROPS = "expressions-dev.npz"
PHOTOS = "photos-dev"

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sets:
    """Faces with the expression that people saw in them, as indices of EXPRESSIONS."""

    directory: Path
    crops: npt.NDArray[np.uint8]  # (n, 48, 48)
    crop_labels: Labels
    photos: list[Picture]  # BGR
    photo_labels: Labels


def directory(given: str | None) -> Path:
    """Return where the sets are. Ends the program with what is missing if they are not there."""
    name = given or os.environ.get(VARIABLE)
    if not name:
        sys.exit(f"Name the directory with {CROPS} and {PHOTOS}/, or set {VARIABLE}.")
    missing = [part for part in (CROPS, f"{PHOTOS}/labels.csv") if not (Path(name) / part).exists()]
    if missing:
        sys.exit(f"{name}: there is no {' and no '.join(missing)}")
    return Path(name)


def load(where: Path) -> Sets:
    """Read both sets."""
    with np.load(where / CROPS) as data:
        crops, crop_labels = data["images"], data["labels"].astype(np.int64)
    with (where / PHOTOS / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["file"], EXPRESSIONS.index(row["label"])) for row in csv.DictReader(file)]
    photos = [cv2.imread(str(where / PHOTOS / name)) for name, _ in rows]
    return Sets(where, crops, crop_labels, photos, np.array([label for _, label in rows]))
