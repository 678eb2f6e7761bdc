"""What the classifier said lately, before any correction; and what it comes to after them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mirrord.correction import Calibration
from mirrord.runtime import wall
from mirrord.wire import FaceSeen, FrameSeen

# Who says that something was not right means what was seen within the last minute.
_KEPT_S: Final = 60.0
_EVERY_S: Final = 0.25
# A face that has turned away to the page is meant as it was last judged: the mood holds it, too.
_HELD: Final = timedelta(seconds=30)
_SLACK: Final = timedelta(seconds=1)


class Looks:
    """The seven probabilities of the surest face, four times a second, for a minute; in memory."""

    def __init__(self) -> None:
        size = round(_KEPT_S / _EVERY_S)
        self._looks: deque[tuple[datetime, Mapping[str, float]]] = deque(maxlen=size)
        self._taken_s = -math.inf

    def take(self, frame: FrameSeen, now_s: float) -> None:
        """Remember a frame, if one is due; `now_s` is monotonic seconds."""
        judged = [face for face in frame.faces if face.expressions is not None]
        if not judged or now_s - self._taken_s < _EVERY_S:
            return
        surest = max(judged, key=lambda face: face.confidence)
        self._looks.append((wall.now(), surest.expressions or {}))
        self._taken_s = now_s

    def at(self, at: datetime | None = None) -> Mapping[str, float] | None:
        """Return what was said last at a time, or now; None if nothing was in the 30 s before."""
        at = at or wall.now()
        before = [look for look in self._looks if look[0] <= at + _SLACK]
        if not before or at - before[-1][0] > _HELD:
            return None
        return before[-1][1]

    def clear(self) -> None:
        self._looks.clear()


def corrected(frame: FrameSeen, calibration: Calibration) -> FrameSeen:
    """Return the frame with every face judged as corrections ask for."""
    if not calibration.corrections:
        return frame
    faces = tuple(_corrected(face, calibration) for face in frame.faces)
    return msgspec.structs.replace(frame, faces=faces)


def _corrected(face: FaceSeen, calibration: Calibration) -> FaceSeen:
    if face.expressions is None:
        return face
    shares, name, confidence = calibration.judge(face.expressions, face.expression, face.confidence)
    return msgspec.structs.replace(face, expressions=shares, expression=name, confidence=confidence)
