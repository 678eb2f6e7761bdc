"""How often the named expression changes, smoothed against raw; and how soon a true change shows.

Each photograph of a real face is filmed as a camera would: ten frames a second, small motions,
changing light, sensor noise. The same judgements go to both: raw is the most likely expression of
each frame, smoothed is the mood's. Time is simulated, judgements are real.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from mirrord.config import MoodSettings
from mirrord.model import Reading
from mirrord.mood import MoodTracker, affect_of
from mirrord.vision.classifier import Judgement, load
from mirrord.vision.detector import LONGER_SIDE, Detector
from mirrord.vision.models import detector_path
from tests.bench.process import table

FPS = 10
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Eye:
    """Detector and classifier of the mirror."""

    def __init__(self) -> None:
        self._detector = Detector(detector_path(), LONGER_SIDE["normal"])
        self._classifier = load("fused")

    def judge(self, frame: np.ndarray) -> Judgement | None:
        """Return what the largest face of a frame shows, None where there is none."""
        faces = self._detector.find(frame)
        if not faces:
            return None
        face = max(faces, key=lambda one: one.box[2] * one.box[3])
        return self._classifier.judge(frame, face.landmarks, face.box)


def film(photo: np.ndarray, seconds: float, seed: int) -> Iterator[np.ndarray]:
    """Yield frames of a photograph as a camera in a room would see it."""
    rng = np.random.default_rng(seed)
    height, width = photo.shape[:2]
    shift = np.zeros(2)
    for number in range(round(seconds * FPS)):
        shift = 0.9 * shift + rng.normal(0, 1.5, 2)
        turn = 3 * np.sin(number / 17)
        size = 1 + 0.03 * np.sin(number / 23)
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, size)
        matrix[:, 2] += shift
        moved = cv2.warpAffine(photo, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        light = 1 + 0.08 * np.sin(number / 11)
        noisy = moved.astype(np.float32) * light + rng.normal(0, 8, moved.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def reading(judged: Judgement) -> Reading | None:
    if judged.expressions is None:
        return None
    affect = affect_of(judged.expressions)
    return Reading(NOW, 1, judged.expressions, judged.expression, judged.confidence, affect)


def changes(eye: Eye, photo: np.ndarray, seconds: float, seed: int) -> tuple[int, int]:
    """Return how often the raw and the smoothed name change."""
    tracker = MoodTracker(MoodSettings())
    raw: list[str] = []
    smooth: list[str] = []
    for number, frame in enumerate(film(photo, seconds, seed)):
        judged = eye.judge(frame)
        if judged is None or (seen := reading(judged)) is None:
            continue
        raw.append(max(seen.expressions, key=lambda name: seen.expressions[name]))
        smooth.append(tracker.see([seen], 1, number / FPS).expression)
    return _switches(raw), _switches(smooth)


def _switches(names: list[str]) -> int:
    return sum(one != other for one, other in itertools.pairwise(names))


def delay(eye: Eye, first: np.ndarray, then: np.ndarray) -> float | None:
    """Return after how many seconds the name of `then` shows; None if both have the same name."""
    tracker, before = MoodTracker(MoodSettings()), "unsure"
    for number, frame in enumerate(film(first, 5, 1)):
        if (judged := eye.judge(frame)) and (seen := reading(judged)):
            before = tracker.see([seen], 1, number / FPS).expression
    names = []
    for number, frame in enumerate(film(then, 5, 2)):
        if (judged := eye.judge(frame)) and (seen := reading(judged)):
            names.append((number / FPS, tracker.see([seen], 1, 5 + number / FPS).expression))
    if not names or names[-1][1] == before:
        return None
    return next(at for at, name in names if name == names[-1][1])


def report(photos: Path, seconds: float = 20.0) -> str:
    """Film every clear photograph of a folder and return the table."""
    eye = Eye()
    pictures = [cv2.imread(str(path)) for path in sorted(photos.glob("*.jpg"))]
    faces = [one for one in pictures if one is not None and eye.judge(one) is not None]
    counted = [changes(eye, one, seconds, seed) for seed, one in enumerate(faces[::4])]
    minutes = len(counted) * seconds / 60
    raw, smooth = (sum(pair[side] for pair in counted) / minutes for side in (0, 1))
    pairs = zip(faces[::7], faces[20::7], strict=False)
    delays = [one for pair in pairs if (one := delay(eye, *pair)) is not None]
    rows = [
        ["changes of the name a minute, raw", f"{raw:.1f}"],
        ["changes of the name a minute, smoothed", f"{smooth:.2f}"],
        ["ratio", f"{raw / max(smooth, 1e-9):.0f}x"],
        ["a true change shows after (median)", f"{statistics.median(delays):.2f} s"],
        ["the same, worst of " + str(len(delays)), f"{max(delays):.2f} s"],
    ]
    return table("Steadiness of the named expression", ("what", "figure"), rows)
