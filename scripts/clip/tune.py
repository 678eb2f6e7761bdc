"""Finds the smallest movements of the portrait's face that the real networks read as expressions.

    python scripts/clip/tune.py [EXPRESSION...]

A random local search (a (1+1) evolution strategy with a step that adapts) maximises the fused
probability of the expression less a price for each movement, within ranges that agree with how
faces move (Ekman & Friesen's action units: brows up in surprise, together in anger, ...). Writes
mirrord/simulator/data/expressions.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

from mirrord.simulator.portrait import Portrait
from mirrord.vision.classifier import load
from mirrord.vision.detector import Detector
from mirrord.vision.models import detector_path

RESULT = Path(__file__).parents[2] / "mirrord" / "simulator" / "data" / "expressions.json"
Face = dict[str, float]
Range = tuple[float, float]

RANGES: Mapping[str, Mapping[str, Range]] = {
    "neutral": {
        **{"corners_down": (0.0, 0.26), "corners_out": (-0.2, 0.0)},
        **{"upper_lip_down": (-0.02, 0.12), "lower_lip_down": (-0.15, 0.02)},
        **{"jaw_down": (-0.12, 0.05), "inner_brows_down": (-0.05, 0.05)},
        **{"outer_brows_down": (-0.05, 0.05), "upper_lids_down": (-0.03, 0.03)},
        "folds_soft": (0.0, 1.0),
    },
    "sad": {
        **{"corners_down": (0.0, 0.3), "corners_out": (-0.15, 0.0)},
        **{"upper_lip_down": (-0.05, 0.08), "lower_lip_down": (-0.25, 0.0)},
        **{"jaw_down": (-0.2, 0.05), "inner_brows_down": (-0.2, 0.0)},
        **{"outer_brows_down": (0.0, 0.25), "brows_apart": (-0.08, 0.0)},
        **{"upper_lids_down": (0.0, 0.1), "lower_lids_down": (-0.05, 0.05)},
        **{"folds_soft": (0.0, 1.0), "frown": (0.0, 1.0)},
    },
    "surprise": {
        **{"corners_down": (0.0, 0.22), "corners_out": (-0.2, 0.0)},
        **{"upper_lip_down": (-0.12, 0.02), "lower_lip_down": (0.05, 0.3)},
        **{"jaw_down": (0.05, 0.3), "inner_brows_down": (-0.22, 0.0)},
        **{"outer_brows_down": (-0.22, 0.0), "upper_lids_down": (-0.07, 0.0)},
        **{"lower_lids_down": (0.0, 0.05), "folds_soft": (0.0, 1.0)},
    },
    "angry": {
        **{"corners_down": (0.0, 0.2), "corners_out": (-0.18, 0.05)},
        **{"upper_lip_down": (-0.03, 0.1), "lower_lip_down": (-0.18, 0.05)},
        **{"jaw_down": (-0.1, 0.05), "inner_brows_down": (0.02, 0.2)},
        **{"outer_brows_down": (-0.12, 0.06), "brows_apart": (-0.14, 0.0)},
        **{"upper_lids_down": (0.0, 0.07), "lower_lids_down": (-0.05, 0.0)},
        **{"folds_soft": (0.0, 1.0), "frown": (0.0, 1.0)},
    },
}
PAINT: Mapping[str, Face] = {"surprise": {"mouth_dark": 1.0}}
PRICE = 0.2
ENOUGH = 0.85  # a clearer expression than this is worth no more movement
STEPS = 300
SEEDS = (1, 2, 3)
HEADS = ((0.0, 0.0), (5.0, 2.0), (-5.0, -2.0))


class Judge:
    """The product's own detector and classifier, asked of a face in three places."""

    def __init__(self) -> None:
        self._portrait = Portrait()
        self._detector = Detector(detector_path())
        self._classifier = load("fused")

    def probability(self, face: Face, expression: str, heads: int = 1) -> float:
        """Return the lowest probability of an expression over some places of the head."""
        return min(self._at(face, expression, head) for head in HEADS[:heads])

    def _at(self, face: Face, expression: str, head: tuple[float, float]) -> float:
        frame = self._portrait.render(face, head)
        found = self._detector.find(frame)
        if len(found) != 1:
            return 0.0
        judged = self._classifier.judge(frame, found[0].landmarks, found[0].box)
        return judged.expressions[expression] if judged.expressions else 0.0


def search(
    value: Callable[[Face], float], ranges: Mapping[str, Range], paint: Face, seed: int
) -> Face:
    """Return the best face found."""
    random = np.random.default_rng(seed)
    low = np.array([pair[0] for pair in ranges.values()])
    high = np.array([pair[1] for pair in ranges.values()])

    def face(point: np.ndarray) -> Face:
        moves = {name: round(float(v), 3) for name, v in zip(ranges, point, strict=True)}
        return {**moves, **paint}

    def worth(point: np.ndarray) -> float:
        price = PRICE * float(np.mean((point / np.maximum(-low, high)) ** 2))
        return float(np.log(min(ENOUGH, value(face(point))) + 1e-4)) - price

    best = np.clip((low + high) / 2, low, high)
    most, step = worth(best), 0.4
    for _ in range(STEPS):
        jump = random.normal(0, step, len(low)) * (high - low) * (random.random(len(low)) < 0.5)
        point = np.clip(best + jump, low, high)
        now = worth(point)
        step = float(np.clip(step * (1.3 if now > most else 0.97), 0.03, 0.5))
        if now > most:
            best, most = point, now
    return face(best)


def main(names: list[str]) -> None:
    """Search for each name and keep what was found."""
    judge = Judge()
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    known["happy"] = {}
    for name in names or list(RANGES):
        paint = PAINT.get(name, {"teeth_hidden": 1.0})
        found = [
            search(lambda face, n=name: judge.probability(face, n, 2), RANGES[name], paint, seed)
            for seed in SEEDS
        ]
        best = max(found, key=lambda face, n=name: judge.probability(face, n, len(HEADS)))
        known[name] = best
        print(f"{name}: {judge.probability(best, name, len(HEADS)):.3f} {best}", flush=True)
        RESULT.write_text(json.dumps(known, indent=1) + "\n")


cv2.setNumThreads(1)
main(sys.argv[1:])
