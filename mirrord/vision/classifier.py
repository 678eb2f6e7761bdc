"""What a face expresses, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import msgspec
import numpy as np

from mirrord.errors import MirrorError
from mirrord.expression import EXPRESSIONS, UNSURE, Expression
from mirrord.vision import quality
from mirrord.vision.align import Box, Points, align
from mirrord.vision.calibration import CERTAINTIES, ENSEMBLES, Certainty, Ensemble
from mirrord.vision.network import Logits, Network, Picture, log_softmax
from mirrord.wire import Quality


class Judgement(msgspec.Struct, frozen=True):
    """What one face expresses.

    `expressions` are seven probabilities that sum to 1, or None where `quality` forbids a
    judgement. `confidence` is the calibrated probability that the likeliest of them is right;
    `expression` is "unsure" where that is too low to name it.
    """

    quality: Quality
    expressions: dict[str, float] | None
    expression: Expression
    confidence: float


class Sighting(msgspec.Struct, frozen=True):
    """A face as the judges get it: where it is in a frame, and cut out, upright."""

    frame: Picture  # (height, width, 3) BGR
    box: Box  # in pixels of the frame
    face: Picture  # (n, n, 3) BGR


class Judge(Protocol):
    """Anything that has an opinion on a face."""

    def log_probabilities(self, seen: Sighting) -> Logits:
        """Return seven logarithms in the order of `EXPRESSIONS`; they need not be normalised."""


class Networks:
    """The shipped networks, asked together."""

    def __init__(self, ensemble: Ensemble) -> None:
        self._voices = [(Network(voice.model), voice) for voice in ensemble.voices]
        self._offsets = np.array([ensemble.offsets.get(name, 0.0) for name in EXPRESSIONS])

    def log_probabilities(self, seen: Sighting) -> Logits:
        return self.of_face(seen.face)

    def of_face(self, face: Picture) -> Logits:
        """Return the logarithms for a square crop, (n, n, 3) BGR or (n, n) grey."""
        total = self._offsets
        for network, voice in self._voices:
            logits = network.logits(face)
            if voice.mirrored:
                logits = (logits + network.logits(np.ascontiguousarray(face[:, ::-1]))) / 2
            total = total + logits / voice.temperature
        return total


class Classifier:
    """Judges faces. Not for two threads at once."""

    def __init__(self, judge: Judge, certainty: Certainty) -> None:
        self._judge = judge
        self._certainty = certainty

    def judge(self, frame_bgr: Picture, landmarks: Points, box: Box) -> Judgement:
        """Judge one face of a frame.

        `frame_bgr` is (height, width, 3) uint8; `landmarks` is (5, 2) in pixels, in YuNet's order
        (the person's right eye, left eye, tip of the nose, right and left corner of the mouth);
        `box` is x, y, width, height in pixels.
        """
        found = quality.of_place(landmarks, box, frame_bgr.shape[:2])
        if found != "good":
            return Judgement(found, None, UNSURE, 0.0)
        return self._judged(Sighting(frame_bgr, box, align(frame_bgr, landmarks, box)))

    def judge_crop(self, face_bgr: Picture) -> Judgement:
        """Judge a face that was cut out beforehand: (n, n, 3) uint8, upright, nothing around it."""
        side = float(len(face_bgr))
        return self._judged(Sighting(face_bgr, (0.0, 0.0, side, side), face_bgr))

    def _judged(self, seen: Sighting) -> Judgement:
        grey = np.asarray(cv2.cvtColor(seen.face, cv2.COLOR_BGR2GRAY), np.uint8)
        light = quality.light(grey)
        found = quality.of_picture(grey, light)
        if found != "good":
            return Judgement(found, None, UNSURE, 0.0)
        well_lit = msgspec.structs.replace(seen, face=quality.lit(seen.face, light))
        return self._named(self._judge.log_probabilities(well_lit))

    def _named(self, log_probabilities: Logits) -> Judgement:
        log = log_softmax(log_probabilities)
        best = int(np.argmax(log))
        confidence = float(np.exp(log_softmax(log / self._certainty.temperature)[best]))
        sure = confidence >= self._certainty.unsure
        named: Expression = EXPRESSIONS[best] if sure else UNSURE
        probabilities = dict(zip(EXPRESSIONS, np.exp(log).tolist(), strict=True))
        return Judgement("good", probabilities, named, confidence)


def names() -> Sequence[str]:
    """Return the names that `load` knows."""
    return tuple(CERTAINTIES)


def load(name: str, threads: int = 1) -> Classifier:
    """Return the classifier of `[vision] model`, its networks in memory.

    `threads` is how many OpenCV may use in this process. Raises MirrorError if there is no such
    classifier, if a file of weights is missing or damaged, or if "fer-reference" cannot run here.
    """
    cv2.setNumThreads(threads)
    if name == "fer-reference":
        from mirrord.vision.reference import FerPackage  # noqa: PLC0415 -- a gigabyte of libraries

        return Classifier(FerPackage(), CERTAINTIES[name])
    if name not in ENSEMBLES:
        raise MirrorError(f"vision.model: no classifier {name!r}; known are {', '.join(names())}")
    return Classifier(Networks(ENSEMBLES[name]), CERTAINTIES[name])
