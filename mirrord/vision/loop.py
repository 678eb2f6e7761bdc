"""What happens to a frame: has anything moved, where are the faces, what do they express."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from mirrord.vision.camera import Frame
from mirrord.vision.camera_reader import Captured
from mirrord.vision.classifier import Classifier
from mirrord.vision.detector import Detector, Face
from mirrord.vision.health import Meter
from mirrord.vision.motion import Grey, Motion, difference, face_patch, grey_of
from mirrord.vision.pace import Pace
from mirrord.vision.tracker import Track, Tracker
from mirrord.wire import FaceSeen, FrameSeen

# Seconds after which a face is judged anew, and the mean difference (grey levels) of two pictures
# of it: below the first it is the same but for noise, above the second another expression.
_JUDGE_SAME_S, _JUDGE_OTHER_S = 1.0, 0.25
_SAME, _DIFFERENT = 1.5, 8.0
_MOST_FACES = 8


class _Remembered(msgspec.Struct, frozen=True):
    """A face as it was judged last, to notice that it has not changed."""

    patch: Grey
    at_s: float
    seen: FaceSeen


class Looker:
    """Looks at frames one after another, and remembers just enough to look less at the next.

    `classifier` is asked for when the first face is to be judged; it may still be loading.
    """

    def __init__(
        self,
        detector: Detector,
        classifier: Callable[[], Classifier],
        pace: Pace,
        min_face_px: int,
    ) -> None:
        self.looked, self.detected, self.classified = Meter(), Meter(), Meter()
        self._detector = detector
        self._classifier = classifier
        self._pace = pace
        self._min_face_px = min_face_px
        self._tracker = Tracker()
        self._motion = Motion()
        self._remembered: dict[int, _Remembered] = {}
        self._frames = 0

    def look(self, captured: Captured) -> FrameSeen:
        """Return what a frame shows."""
        started = time.perf_counter()
        frame, now_s = captured.frame, captured.at_ns / 1e9
        grey, scale = grey_of(frame)
        tracks = self._tracks(frame, grey, scale, now_s)[:_MOST_FACES]
        faces = tuple(self._face(track, frame, grey, scale, now_s) for track in tracks)
        self._remembered = {n: it for n, it in self._remembered.items() if now_s - it.at_s < 5}
        self._frames += 1
        took_ms = (time.perf_counter() - started) * 1e3
        self.looked.add(now_s, took_ms)
        height, width = frame.shape[:2]
        return FrameSeen(self._frames, captured.at_ns, width, height, faces, round(took_ms, 3))

    def _tracks(self, frame: Frame, grey: Grey, scale: float, now_s: float) -> list[Track]:
        """Follow the faces of the last frame, or detect them if it is time or one is lost."""
        detect = self._pace.looked(now_s, self._motion.changed(grey))
        tracks = None if detect else self._tracker.follow(grey, scale, now_s)
        if tracks is not None:
            return tracks
        started = time.perf_counter()
        faces = self._detector.find(frame)
        self.detected.add(now_s, (time.perf_counter() - started) * 1e3)
        self._motion.remember(grey)
        self._pace.detected(now_s, len(faces))
        return self._tracker.detected(faces, grey, now_s)

    def _face(self, track: Track, frame: Frame, grey: Grey, scale: float, now_s: float) -> FaceSeen:
        """Judge a face, unless it looks exactly as it did when it was judged a moment ago."""
        box, score = _whole(track.face), round(track.face.score, 4)
        if min(box[2:]) < self._min_face_px:
            return FaceSeen(track.number, box, score, "small")
        patch = face_patch(grey, track.face.box, scale)
        known = self._remembered.get(track.number)
        if known and now_s - known.at_s < _valid_s(difference(known.patch, patch)):
            return msgspec.structs.replace(known.seen, box=box, score=score)
        seen = self._judged(track, frame, box, now_s)
        self._remembered[track.number] = _Remembered(patch, now_s, seen)
        return seen

    def _judged(
        self, track: Track, frame: Frame, box: tuple[int, int, int, int], now_s: float
    ) -> FaceSeen:
        started = time.perf_counter()
        judged = self._classifier().judge(frame, track.face.landmarks, track.face.box)
        self.classified.add(now_s, (time.perf_counter() - started) * 1e3)
        expressions = judged.expressions
        return FaceSeen(
            track.number,
            box,
            round(track.face.score, 4),
            judged.quality,
            None
            if expressions is None
            else {k: round(float(v), 5) for k, v in expressions.items()},
            judged.expression,
            round(float(judged.confidence), 4),
        )


def _valid_s(change: float) -> float:
    """Return for how long a judgement holds of a face that has changed so much since, in levels.

    A face that is not as it was is judged a few times a second, one that changes a lot at once.
    """
    if change < _SAME:
        return _JUDGE_SAME_S
    return _JUDGE_OTHER_S if change < _DIFFERENT else 0.0


def _whole(face: Face) -> tuple[int, int, int, int]:
    x, y, width, height = (round(value) for value in face.box)
    return x, y, width, height
