"""What is seen in pictures and films that are given by name: every face, one record each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import cv2
import msgspec

from mirrord.look.files import STDIN, Item, Problem, items_of, read_picture
from mirrord.model import Expression
from mirrord.mood import affect_of
from mirrord.sight_settings import VisionSettings
from mirrord.vision.camera import Frame
from mirrord.vision.camera_files import film_capture
from mirrord.vision.classifier import Classifier, load
from mirrord.vision.detector import LONGER_SIDE, Detector, Face
from mirrord.vision.models import detector_path
from mirrord.wire import Quality

__all__ = ["STDIN", "FaceRecord", "Problem", "look"]

_COORDINATES = ("valence", "arousal", "joy", "calm", "energy", "melancholy")
_PICTURE_SIDE = 1280  # a picture is looked at once, so small faces may cost more than in a film
_DEFAULTS = VisionSettings()
Progress = Callable[[int, int], None]


class FaceRecord(msgspec.Struct, frozen=True):
    """One face. What needs a judgement is None where `quality` forbids one."""

    file: str
    frame: int  # of a film, from 0; 0 in a picture
    box: tuple[int, int, int, int]  # x, y, width, height in pixels
    expressions: Mapping[str, float] | None
    expression: Expression
    confidence: float
    quality: Quality
    valence: float | None = None
    arousal: float | None = None
    joy: float | None = None
    calm: float | None = None
    energy: float | None = None
    melancholy: float | None = None


def look(
    paths: Sequence[str],
    vision: VisionSettings = _DEFAULTS,
    table: str = "pad",
    progress: Progress | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[FaceRecord | Problem]:
    """Yield a record for each face in pictures, folders, films and "-" (a picture on stdin).

    A file that cannot be read is named in a `Problem` and left out. `progress` is told how many
    frames of how many are done. Raises MirrorError if a net cannot be loaded.
    """
    looking = _Looking(vision, table)
    items, problems = items_of(paths)
    yield from problems
    tell = progress or _nobody_listens
    total = sum(item.frames for item in items)
    done = 0
    tell(0, total)
    for item in items:
        for number, found in enumerate(looking.through(item, stdin), start=1):
            yield from found
            tell(done + min(number, item.frames), total)
        done += item.frames
        tell(done, total)


def _nobody_listens(_done: int, _total: int) -> None:
    pass


class _Looking:
    """The nets, and how a face becomes a record."""

    def __init__(self, vision: VisionSettings, table: str) -> None:
        cv2.setNumThreads(vision.threads)
        _hush()
        self._detector = Detector(detector_path(), LONGER_SIDE[vision.detail])
        self._classifier: Classifier = load(vision.model, vision.threads)
        self._min_face_px = vision.min_face_px
        self._table = table

    def through(
        self, item: Item, stdin: BinaryIO | None
    ) -> Iterator[Sequence[FaceRecord | Problem]]:
        """Yield what each frame of a file shows."""
        if item.film:
            yield from self._film(item)
            return
        picture = read_picture(item.name, stdin)
        if isinstance(picture, Problem):
            yield [picture]
        else:
            yield self._records(item.name, 0, picture, _PICTURE_SIDE)

    def _film(self, item: Item) -> Iterator[Sequence[FaceRecord | Problem]]:
        capture = film_capture(Path(item.name))
        number = 0
        try:
            while capture is not None:
                found, frame = capture.read()
                if not found:
                    break
                yield self._records(item.name, number, cast(Frame, frame), None)
                number += 1
        finally:
            if capture is not None:
                capture.release()
        if number == 0:
            yield [Problem(item.name, "this film cannot be played")]

    def _records(
        self, name: str, number: int, frame: Frame, longer_side: int | None
    ) -> Sequence[FaceRecord]:
        faces = self._detector.find(frame, longer_side)
        return [self._record(name, number, frame, face) for face in faces]

    def _record(self, name: str, number: int, frame: Frame, face: Face) -> FaceRecord:
        x, y, width, height = (round(value) for value in face.box)
        box = (x, y, width, height)
        if min(width, height) < self._min_face_px:
            return FaceRecord(name, number, box, None, "unsure", 0.0, "small")
        judged = self._classifier.judge(frame, face.landmarks, face.box)
        if judged.expressions is None:
            return FaceRecord(name, number, box, None, "unsure", 0.0, judged.quality)
        affect = affect_of(judged.expressions, self._table)
        return FaceRecord(
            name,
            number,
            box,
            judged.expressions,
            judged.expression,
            judged.confidence,
            judged.quality,
            **{name: getattr(affect, name) for name in _COORDINATES},
        )


def _hush() -> None:
    """Keep OpenCV from writing to standard error. Its word for that is another since 4.12."""
    silence = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel
    silence(0)
