"""What small, dark, blurred and tilted faces cost: where the limits of `quality.py` come from.

    python -m tests.bench.quality [DIRECTORY]

Photographs are spoilt by degrees. Each face is judged whatever its quality ("right"), and beside
that stands how many the classifier would judge. Faces are found in the picture before it is spoilt,
except for size and tilt, where finding them is part of the question.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.model import EXPRESSIONS
from mirrord.vision import quality
from mirrord.vision.align import align
from mirrord.vision.calibration import ENSEMBLES
from mirrord.vision.classifier import Networks
from mirrord.vision.detector import Detector, Face
from mirrord.vision.models import detector_path
from mirrord.vision.network import Picture
from tests.bench.devsets import Sets, directory, load
from tests.bench.process import table

FACE_PX = 160  # the size of a face an arm's length and a half from a small camera
NOISE = 2.0  # grey levels, of a camera in the dark

Spoil = Callable[[Picture], Picture]


class Bench:
    """The networks, the detector and the photographs with their faces at `FACE_PX`."""

    def __init__(self, sets: Sets) -> None:
        self._networks = Networks(ENSEMBLES["fused"])
        self._detector = Detector(detector_path())
        self._labels = sets.photo_labels
        self.photos = [self.shrunk(photo, FACE_PX) for photo in sets.photos]
        self.large = sets.photos
        self._faces = [self._largest(photo) for photo in self.photos]

    def shrunk(self, photo: Picture, face_px: int) -> Picture:
        face = self._largest(photo)
        scale = face_px / max(face.box[2:]) if face else 1.0
        if scale >= 1:
            return photo
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)

    def spoilt(self, name: str, spoil: Spoil) -> list[str]:
        """Return a row: spoil the photographs, look where the faces were before."""
        return self._row(name, [spoil(photo) for photo in self.photos], self._faces)

    def found(self, name: str, photos: list[Picture], *, level: bool = True) -> list[str]:
        """Return a row: look where the detector finds faces now; not `level`: as they stand."""
        faces = [self._largest(photo) for photo in photos]
        return self._row(name, photos, faces, level=level)

    def _largest(self, photo: Picture) -> Face | None:
        faces = self._detector.find(photo)
        return max(faces, key=lambda face: face.box[2] * face.box[3]) if faces else None

    def _row(
        self, name: str, photos: list[Picture], faces: Iterable[Face | None], *, level: bool = True
    ) -> list[str]:
        right, judged = [], []
        for photo, face, label in zip(photos, faces, self._labels, strict=True):
            if face is not None:
                best, good = self._look(photo, face, level=level)
                right.append(best == label)
                judged.append(good)
        share = 100 * len(right) / len(photos)
        return [name, f"{share:.0f}", f"{100 * np.mean(right):.0f}", f"{100 * np.mean(judged):.0f}"]

    def _look(self, photo: Picture, face: Face, *, level: bool) -> tuple[int, bool]:
        landmarks = face.landmarks if level else _without_roll(face.landmarks)
        crop = align(photo, landmarks, face.box)
        grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)
        light = quality.light(grey)
        place = quality.of_place(face.landmarks, face.box, photo.shape[:2])
        good = place == "good" == quality.of_picture(grey, light)
        return int(self._networks.of_face(quality.lit(crop, light)).argmax()), good


def _without_roll(landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    flat = landmarks.copy()
    flat[1, 1] = flat[0, 1]
    return flat


def dark(gain: float) -> Spoil:
    """Return a spoiler: less light, the camera's noise stays."""
    random = np.random.default_rng(1)

    def spoil(photo: Picture) -> Picture:
        level = photo * gain + random.normal(0, NOISE, photo.shape)
        return np.clip(np.rint(level), 0, 255).astype(np.uint8)

    return spoil


def defocus(share: float) -> Spoil:
    """Return a spoiler: a Gaussian whose sigma is a share of the face."""
    sigma = share * FACE_PX
    return lambda photo: np.asarray(cv2.GaussianBlur(photo, (0, 0), sigma), np.uint8)


def motion(share: float) -> Spoil:
    """Return a spoiler: the head moves sideways by a share of the face during the exposure."""
    length = max(1, round(share * FACE_PX))
    kernel = np.full((1, length), 1 / length, np.float32)
    return lambda photo: np.asarray(cv2.filter2D(photo, -1, kernel), np.uint8)


def tilted(photo: Picture, degrees: float) -> Picture:
    """Return a photograph turned about its middle, on a larger canvas."""
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += (width / 4, height / 4)
    size = (width * 3 // 2, height * 3 // 2)
    return np.asarray(cv2.warpAffine(photo, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def report(sets: Sets) -> str:
    """Measure everything and return it as markdown."""
    bench = Bench(sets)
    head = ("", "found %", "right %", "would be judged %")
    sizes = [
        bench.found(f"{px} px", [bench.shrunk(photo, px) for photo in bench.large])
        for px in (240, 160, 120, 80, 60, 48, 36, 28)
    ]
    lights = [bench.spoilt(f"{g:g}", dark(g)) for g in (1, 0.5, 0.3, 0.2, 0.12, 0.08, 0.05)]
    blurs = [bench.spoilt(f"{s:.1%}", defocus(s)) for s in (0.005, 0.01, 0.02, 0.03, 0.04)]
    moves = [bench.spoilt(f"{s:.0%}", motion(s)) for s in (0.03, 0.07, 0.11, 0.15, 0.2)]
    tilts = []
    for degrees in (0, 15, 25, -25):
        photos = [tilted(photo, degrees) for photo in bench.photos]
        tilts.append(bench.found(f"{degrees}°, levelled", photos))
        tilts.append(bench.found(f"{degrees}°, as it stands", photos, level=False))
    parts = (("Size of the face", sizes), ("Light", lights), ("Out of focus", blurs))
    parts += (("Moving", moves), ("Tilted", tilts))
    return "\n".join(table(title, head, rows) for title, rows in parts)


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("directory", nargs="?", help="where the development sets are")
    print(f"{len(EXPRESSIONS)} expressions: guessing gives {100 / len(EXPRESSIONS):.0f} %\n")
    print(report(load(directory(parser.parse_args().directory))))


if __name__ == "__main__":
    main()
