"""How often to look, and how hard: often at a face, seldom at an empty room, less when hot."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

PaceName: TypeAlias = Literal["face", "still", "nobody", "hot"]

# Seconds between two looks; "face" takes the camera's own.
_STILL_S = 0.2
_NOBODY_S = 0.3
# Seconds between two detections; between them the tracker, or the unchanged picture, answers.
_DETECT_FACE_S = 1.0
_DETECT_STILL_S = 2.0
_DETECT_NOBODY_S = 5.0
_STILL_AFTER_S = 1.0
# Share of the picture that has to change to count as movement. Detection follows at once.
MOVED = 0.01
# A Pi slows its processor at 80 degrees.
_HOT_C = 75.0
_COOL_C = 70.0
_HOT_FACTOR = 2.5


class Pace:
    """Decides, from what was seen last, when to look next and whether to detect then.

    Times are seconds of a monotonic clock.
    """

    def __init__(self, fps: float) -> None:
        self._frame_s = 1.0 / fps
        self._faces = 0
        self._moved_s = float("-inf")
        self._detected_s = float("-inf")
        self._looked_s = float("-inf")
        self._hot = False
        self._now_s = 0.0

    @property
    def name(self) -> PaceName:
        if self._hot:
            return "hot"
        return self._what()

    def _what(self) -> Literal["face", "still", "nobody"]:
        if not self._faces:
            return "nobody"
        return "still" if self._now_s - self._moved_s > _STILL_AFTER_S else "face"

    def temperature(self, celsius: float | None) -> None:
        """Tell the processor's temperature; None where the machine does not say."""
        if celsius is not None:
            self._hot = celsius > (_COOL_C if self._hot else _HOT_C)

    def wait_s(self, now_s: float) -> float:
        """Return for how many seconds not to look."""
        return max(0.0, self._looked_s + self._look_s() - now_s)

    def looked(self, now_s: float, changed: float) -> bool:
        """Take note of a frame, of which the share `changed` moved; tell whether to detect now."""
        # A look that came late does not delay those after it: the mean rate is what was asked.
        every = self._look_s()
        self._looked_s = min(now_s, max(self._looked_s + every, now_s - 0.5 * every))
        self._now_s = now_s
        if changed > MOVED:
            self._moved_s = now_s
            if not self._faces:
                return True
        return now_s - self._detected_s >= self._detect_s()

    def detected(self, now_s: float, faces: int) -> None:
        """Take note of a detection. A change of the number of faces is looked at again at once."""
        self._detected_s = now_s if faces == self._faces else float("-inf")
        if faces > self._faces:
            self._moved_s = now_s
        self._faces = faces

    def _look_s(self) -> float:
        least = {"face": 0.0, "still": _STILL_S, "nobody": _NOBODY_S}[self._what()]
        return max(self._frame_s, least) * (_HOT_FACTOR if self._hot else 1.0)

    def _detect_s(self) -> float:
        every = {"face": _DETECT_FACE_S, "still": _DETECT_STILL_S, "nobody": _DETECT_NOBODY_S}[
            self._what()
        ]
        return every * (_HOT_FACTOR if self._hot else 1.0)


def cpu_temperature(thermal: Path = Path("/sys/class/thermal")) -> float | None:
    """Return the processor's temperature in degrees Celsius, if the machine says it."""
    hottest = None
    for zone in sorted(thermal.glob("thermal_zone*")):
        try:
            kind = (zone / "type").read_text().strip()
            celsius = int((zone / "temp").read_text()) / 1000
        except (OSError, ValueError):
            continue
        if kind.startswith(("cpu", "x86_pkg")):
            return celsius
        hottest = celsius if hottest is None else max(hottest, celsius)
    return hottest
