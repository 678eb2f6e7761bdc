"""How good judgements are: right answers, by class, and whether the confidence keeps its word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mirrord.model import EXPRESSIONS
from tests.bench.devsets import Labels

BINS = 15
NOBODY = -1  # what a classifier answers that found no face or refused to judge it


@dataclass(frozen=True, slots=True)
class Answers:
    """What a classifier said of every face of a set."""

    best: Labels  # index of EXPRESSIONS, or NOBODY
    confidence: npt.NDArray[np.float64]
    named: npt.NDArray[np.bool_]  # it was sure enough to name an expression

    def right(self, labels: Labels) -> npt.NDArray[np.bool_]:
        return self.best == labels


def by_class(answers: Answers, labels: Labels) -> list[float]:
    """Return the share of right answers of each expression; a face not judged counts as wrong."""
    right = answers.right(labels)
    return [float(right[labels == index].mean()) for index in range(len(EXPRESSIONS))]


def calibration_error(answers: Answers, labels: Labels, bins: int = BINS) -> float:
    """Return the expected calibration error (Naeini et al. 2015) of the faces that were judged.

    Fewer bins for a small set, so that each holds 25 faces and says more than chance.
    """
    judged = answers.best != NOBODY
    confidence, right = answers.confidence[judged], answers.right(labels)[judged]
    bins = max(1, min(bins, len(right) // 25))
    place = np.clip((confidence * bins).astype(int), 0, bins - 1)
    gaps = [
        abs(float(right[place == one].mean() - confidence[place == one].mean()))
        * float((place == one).mean())
        for one in np.unique(place)
    ]
    return sum(gaps)


def confusion(answers: Answers, labels: Labels) -> npt.NDArray[np.int64]:
    """Return counts (expression that people saw, answer); the last column counts NOBODY."""
    size = len(EXPRESSIONS)
    counts = np.zeros((size, size + 1), np.int64)
    np.add.at(counts, (labels, answers.best % (size + 1)), 1)
    return counts
