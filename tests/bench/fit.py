"""Fits the numbers of `mirrord/vision/calibration.py` on the development sets.

    python -m tests.bench.fit [DIRECTORY]

Every photograph is taken nine times, its box nudged by 2 % and 3 %: 124 faces alone would fit the
noise. First how much the second network counts, and what is added for each expression. The score is
the mean accuracy of both sets, less what the crops of any expression lose against `fer` alone (the
photographs have 12 to 20 faces of each, too few to ask that of), less a little for the size of what
is added. How much of it is fitted to these very faces is told by fitting on one half of both sets
and judging the other. Then the temperatures, by the calibration errors of both sets; then the
confidence below which nothing is named.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

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
from tests.bench.scores import BINS, Answers, by_class, calibration_error

RATIOS = (4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0)
TRIES = 600
# What a share of faces lost costs against the same share of accuracy; a class has to be ahead by
# `MARGIN` (of its own faces) not to count as behind, since part of what is fitted is chance.
LOST, MARGIN = 10.0, 0.005
RIDGE = 0.005
HALVES = 3  # each fitted twice, once on either half
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

    def fused(self, ratio: float, offsets: Array | float = 0.0) -> Array:
        """Return the ensemble at fer's temperature 1 and face-api's `ratio`."""
        return (self.fer + self.mirrored) / 2 + self.face_api / ratio + offsets

    def part(self, chosen: npt.NDArray[np.bool_]) -> Logits:
        """Return some of the faces."""
        return Logits(
            *(one[chosen] for one in (self.fer, self.mirrored, self.face_api, self.labels))
        )


Pair: TypeAlias = tuple[Logits, ...]  # crops, photographs


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


def lost(logits: Array, known: Logits) -> float:
    """Return the share of faces by which expressions are behind `fer` alone and the margin."""
    size = len(EXPRESSIONS)
    ours, theirs = (
        np.bincount(known.labels[one.argmax(axis=1) == known.labels], minlength=size)
        for one in (logits, known.fer)
    )
    wanted = theirs + MARGIN * np.bincount(known.labels, minlength=size)
    return float(np.maximum(0, wanted - ours).sum()) / len(known.labels)


def score(sets: Pair, ratio: float, offsets: Array) -> float:
    """Return how good a combination is; the docstring of this file says what counts."""
    fused = [one.fused(ratio, offsets) for one in sets]
    right = [
        float((x.argmax(axis=1) == one.labels).mean()) for x, one in zip(fused, sets, strict=True)
    ]
    return sum(right) / 2 - LOST * lost(fused[0], sets[0]) / 2 - RIDGE * float((offsets**2).sum())


def climb(sets: Pair, ratio: float) -> tuple[float, Array]:
    """Return the best score of a ratio and its offsets, found by ever smaller random steps."""
    random = np.random.default_rng(1)
    size = len(EXPRESSIONS)
    best, offsets = score(sets, ratio, np.zeros(size)), np.zeros(size)
    for number in range(TRIES):
        step = random.normal(0, 0.32 - 0.3 * number / TRIES, size) * (random.random(size) < 0.4)
        if (reached := score(sets, ratio, offsets + step)) > best:
            best, offsets = reached, offsets + step
    return best, offsets - offsets.mean()


def fit_fusion(sets: Pair) -> list[tuple[float, float, Array]]:
    """Return the score, the ratio and the offsets of each ratio, the best first."""
    tried = [(*climb(sets, ratio), ratio) for ratio in RATIOS]
    return sorted(((reached, r, o) for reached, o, r in tried), key=lambda one: -one[0])


def report_fusion(sets: Pair) -> tuple[float, Array]:
    """Print the combinations; return the ratio and the offsets of the best."""
    tried = fit_fusion(sets)
    rows = []
    for reached, r, o in tried:
        fused = [one.fused(r, o) for one in sets]
        accuracy = [answers(x).right(one.labels).mean() for x, one in zip(fused, sets, strict=True)]
        cells = (reached, *accuracy, lost(fused[0], sets[0]))
        added = " ".join(f"{value:+.2f}" for value in o)
        rows.append([f"{r:g}", added, *(f"{value:.3f}" for value in cells)])
    head = ("ratio", "offsets", "score", "crops", "photos", "lost")
    print(table("Fusion", head, rows))
    return tried[0][1:]


def cross_validate(sets: Pair) -> None:
    """Print how the fit does on halves that it was not made on, beside `fer` alone."""
    random = np.random.default_rng(1)
    rows: list[list[list[float]]] = []
    for _ in range(HALVES):
        halves = [_half(one, random) for one in sets]
        for side in (False, True):
            seen, unseen = (
                tuple(one.part(half == it) for one, half in zip(sets, halves, strict=True))
                for it in (side, not side)
            )
            _, ratio, offsets = fit_fusion(seen)[0]
            rows.append([_percent(x, one.labels) for one in unseen
                         for x in (one.fused(ratio, offsets), one.fer)])  # fmt: skip
    names = ("crops, fused", "crops, fer", "photos, fused", "photos, fer")
    means = np.mean(rows, axis=0)
    cells = [[name, *(f"{v:.1f}" for v in row)] for name, row in zip(names, means, strict=True)]
    print(table("The half that was not fitted on", ("", "all", *EXPRESSIONS), cells))


def _half(one: Logits, random: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Choose half of the faces; a photograph goes with all its nudges."""
    together = len(NUDGES) if len(one.labels) % len(NUDGES) == 0 else 1
    return np.repeat(random.random(len(one.labels) // together) < 0.5, together)


def _percent(logits: Array, labels: Labels) -> list[float]:
    said = answers(logits)
    return [100 * float(said.right(labels).mean()), *(100 * one for one in by_class(said, labels))]


def fit_temperature(name: str, of: Callable[[Logits], Array], sets: Pair) -> float:
    """Print and return the temperature of the least calibration errors, squared and added."""

    def errors(t: float) -> list[float]:
        bins = (BINS, len(sets[1].labels) // len(NUDGES) // 25)  # what 124 different faces allow
        return [
            calibration_error(answers(of(one) / t), one.labels, most)
            for one, most in zip(sets, bins, strict=True)
        ]

    best = min(TEMPERATURES, key=lambda t: sum(error**2 for error in errors(t)))
    crops, photos = errors(best)
    print(f"{name}: temperature {best:.2f}, ECE crops {crops:.3f}, photos {photos:.3f}\n")
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
    ratio, offsets = report_fusion(sets)
    cross_validate(sets)
    t = fit_temperature("fused", lambda one: one.fused(ratio, offsets), sets)
    fit_temperature("fer", lambda one: one.fer, sets)
    fit_temperature("face-api", lambda one: one.face_api, sets)
    added = ", ".join(
        f"{name} {value / t:+.2f}" for name, value in zip(EXPRESSIONS, offsets, strict=True)
    )
    print(f"voices: fer {t:.2f}, face-api {t * ratio:.1f}; offsets: {added}\n")
    for one in sets:
        print(coverage(one.fused(ratio, offsets) / t, one))


if __name__ == "__main__":
    main()
