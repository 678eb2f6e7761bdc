"""What happens to a frame: has anything moved, where are the faces, what do they express."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mirrord.vision.camera import Frame
from mirrord.vision.camera_reader import Captured
from mirrord.vision.classifier import Classifier
from mirrord.vision.detector import Detector, Face
from mirrord.vision.health import Meter
from mirrord.vision.motion import Grey, Motion, face_patch, grey_of, unchanged
from mirrord.vision.pace import Pace
from mirrord.vision.tracker import Track, Tracker
from mirrord.wire import FaceSeen, FrameSeen

_JUDGE_AGAIN_S = 1.0
_MOST_FACES = 8


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A face as it was judged last, to notice that it has not changed."""

    patch: Grey
    at_s: float
    seen: FaceSeen


class Looker:
    """Looks at frames one after another, and remembers just enough to look less at the next."""

    def __init__(
        self, detector: Detector, classifier: Classifier, pace: Pace, min_face_px: int
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
        if known and now_s - known.at_s < _JUDGE_AGAIN_S and unchanged(known.patch, patch):
            last = known.seen
            return FaceSeen(
                track.number,
                box,
                score,
                last.quality,
                last.expressions,
                last.expression,
                last.confidence,
            )
        seen = self._judged(track, frame, box, now_s)
        self._remembered[track.number] = _Remembered(patch, now_s, seen)
        return seen

    def _judged(
        self, track: Track, frame: Frame, box: tuple[int, int, int, int], now_s: float
    ) -> FaceSeen:
        started = time.perf_counter()
        judged = self._classifier.judge(frame, track.face.landmarks, track.face.box)
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


def _whole(face: Face) -> tuple[int, int, int, int]:
    x, y, width, height = (round(value) for value in face.box)
    return x, y, width, height
