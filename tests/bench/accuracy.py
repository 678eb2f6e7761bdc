"""Accuracy and calibration on the development sets, per class, beside the real `fer`.

    python -m tests.bench.accuracy [DIRECTORY] [--fer-python PYTHON] [--confusion]

Photographs go the whole way: YuNet, alignment, quality, networks; the largest face counts, and one
that is not found or not judged counts as wrong. Crops are judged as they are.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from mirrord.model import EXPRESSIONS, UNSURE
from mirrord.vision.classifier import Classifier, Judgement
from mirrord.vision.classifier import load as load_classifier
from mirrord.vision.detector import Detector
from mirrord.vision.models import detector_path
from mirrord.vision.network import Picture
from tests.bench.devsets import Labels, Sets, directory, load
from tests.bench.process import table
from tests.bench.scores import NOBODY, Answers, by_class, calibration_error, confusion

OURS = ("fused", "fer", "face-api")
PEER = Path(".peers/fer-env/bin/python")


def of_judgements(judgements: Iterable[Judgement | None]) -> Answers:
    """Return what our classifier said, None standing for a face that was not found."""
    rows = [
        (NOBODY, 0.0, False)
        if one is None or one.expressions is None
        else (_likeliest(one.expressions), one.confidence, one.expression != UNSURE)
        for one in judgements
    ]
    best, confidence, named = zip(*rows, strict=True)
    return Answers(np.array(best), np.array(confidence), np.array(named))


def of_probabilities(rows: Sequence[Sequence[float] | None]) -> Answers:
    """Return what the real fer said; it names an expression whenever it finds a face."""
    best = np.array([NOBODY if row is None else int(np.argmax(row)) for row in rows])
    confidence = np.array([0.0 if row is None else max(row) for row in rows])
    return Answers(best, confidence, best != NOBODY)


def _likeliest(expressions: dict[str, float]) -> int:
    return EXPRESSIONS.index(max(expressions, key=lambda name: expressions[name]))


def judge_crops(classifier: Classifier, sets: Sets) -> Answers:
    """Judge the 48-pixel crops as they are."""
    colour = (np.asarray(cv2.cvtColor(one, cv2.COLOR_GRAY2BGR), np.uint8) for one in sets.crops)
    return of_judgements(classifier.judge_crop(face) for face in colour)


def judge_photos(classifier: Classifier, detector: Detector, sets: Sets) -> Answers:
    """Find and judge the largest face of every photograph."""
    return of_judgements(_judge_photo(classifier, detector, photo) for photo in sets.photos)


def _judge_photo(classifier: Classifier, detector: Detector, photo: Picture) -> Judgement | None:
    faces = detector.find(photo)
    if not faces:
        return None
    face = max(faces, key=lambda face: face.box[2] * face.box[3])
    return classifier.judge(photo, face.landmarks, face.box)


def real_fer(python: str, where: Path) -> tuple[dict[str, Answers], dict[str, Answers]]:
    """Return what the real package says of crops and photographs, run by `python`."""
    script = Path(__file__).with_name("fer_answers.py")
    done = subprocess.run([python, str(script), str(where)], stdout=subprocess.PIPE, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    crops = {name: of_probabilities(rows) for name, rows in said["crops"].items()}
    photos = {name: of_probabilities(rows) for name, rows in said["photos"].items()}
    return crops, photos


def row(name: str, answers: Answers, labels: Labels) -> list[str]:
    """Return the cells of one classifier on one set, in percent."""
    right, named = answers.right(labels), answers.named
    return [
        name,
        f"{100 * right.mean():.1f}",
        *(f"{100 * share:.0f}" for share in by_class(answers, labels)),
        f"{calibration_error(answers, labels):.3f}",
        f"{100 * (answers.best != NOBODY).mean():.0f}",
        f"{100 * named.mean():.0f}",
        f"{100 * right[named].mean():.1f}",
    ]


def report(where: Path, python: str | None, *, confusions: bool = False) -> str:
    """Measure everything and return it as markdown."""
    sets = load(where)
    detector = Detector(detector_path())
    crops, photos = real_fer(python, where) if python else ({}, {})
    crops = {f"real {name}": one for name, one in crops.items()}
    photos = {f"real {name}": one for name, one in photos.items()}
    for name in OURS:
        classifier = load_classifier(name)
        crops[name] = judge_crops(classifier, sets)
        photos[name] = judge_photos(classifier, detector, sets)
    head = ("", "all", *EXPRESSIONS, "ECE", "judged", "named", "right if named")
    parts = []
    for title, answers, labels in (
        (f"{len(sets.photos)} photographs, end to end", photos, sets.photo_labels),
        (f"{len(sets.crops)} crops (FER2013)", crops, sets.crop_labels),
    ):
        parts.append(table(title, head, [row(n, one, labels) for n, one in answers.items()]))
        if confusions:
            parts.append(_confusion_table(title, answers["fused"], labels))
    return "\n".join(parts)


def _confusion_table(title: str, answers: Answers, labels: Labels) -> str:
    counts = confusion(answers, labels)
    rows = [(name, *line) for name, line in zip(EXPRESSIONS, counts.tolist(), strict=True)]
    return table(f"fused, {title}: seen by people / answered", ("", *EXPRESSIONS, "none"), rows)


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("directory", nargs="?", help="where the development sets are")
    parser.add_argument("--fer-python", default=str(PEER) if PEER.exists() else None)
    parser.add_argument("--confusion", action="store_true", help="add the confusion of `fused`")
    given = parser.parse_args()
    if given.fer_python is None:
        print("No environment with the real fer (`make parity` makes one).", file=sys.stderr)
    print(report(directory(given.directory), given.fer_python, confusions=given.confusion))


if __name__ == "__main__":
    main()
