"""The thread that keeps a camera open and hands out its newest frame."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable

import msgspec

from mirrord.vision.camera import CameraLost, Frame, Source
from mirrord.wire import CameraSeen, CameraState

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
_DAMAGED_IN_A_ROW = 25
_RATE_OVER_S = 3.0


class Captured(msgspec.Struct, frozen=True):
    """A frame and when it was taken, CLOCK_MONOTONIC in nanoseconds."""

    frame: Frame
    at_ns: int


class CameraReader:
    """Reads a source on a thread of its own.

    Only frames that somebody waits for are decoded. The source is opened again after a failure,
    with a growing, jittered pause. `seen` is told of each change of the camera's state, from any
    thread.
    """

    def __init__(
        self, source: Source, seen: Callable[[CameraSeen], None], stall_s: float = 5.0
    ) -> None:
        self._source = source
        self._seen = seen
        self._stall_s = stall_s
        self._state: tuple[CameraState, str] | None = None
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._wanted = True
        self._captured: Captured | None = None
        self._alive_at = time.monotonic()
        self._grabs: deque[float] = deque(maxlen=1000)
        self._grabbed = 0
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """End the thread and close the camera; False if a call into the camera does not return."""
        self._stop.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def next(self, timeout_s: float) -> Captured | None:
        """Wait for the next frame and return it; None if none came in time.

        The very first may have been taken a moment ago, while the nets were loaded.
        """
        with self._changed:
            self._wanted = self._captured is None
            self._changed.wait_for(lambda: self._captured is not None, timeout_s)
            self._wanted = False
            captured, self._captured = self._captured, None
            return captured

    def watch(self) -> float:
        """Report a stall; return for how many seconds the camera has given no sign of life."""
        silent_s = time.monotonic() - self._alive_at
        if silent_s > self._patience_s() and self._state is not None and self._state[0] == "open":
            self._say("stalled", f"{self._source.title} gives no pictures since {silent_s:.0f} s")
        return silent_s

    @property
    def ended(self) -> bool:
        """Whether a recording was played to its end; no frame will come any more."""
        return self._state is not None and self._state[0] == "ended"

    def rate(self) -> float:
        """Return the frames a second that the camera gave lately."""
        now = time.monotonic()
        return sum(1 for at in list(self._grabs) if now - at <= _RATE_OVER_S) / _RATE_OVER_S

    def _patience_s(self) -> float:
        return max(self._stall_s, 3.0 * (self._source.period_s or 0.0))

    def _run(self) -> None:
        failures = 0
        self._say("opening", self._source.title)
        while not self._stop.is_set():
            grabbed_before = self._grabbed
            if self._attempt():
                return
            failures = 1 if self._grabbed > grabbed_before else failures + 1
            self._rest(failures)

    def _attempt(self) -> bool:
        """Open the source and read it; True once there is nothing more to do."""
        self._alive_at = time.monotonic()
        try:
            self._source.open()
            self._read()
            if not self._stop.is_set():
                self._say("ended", f"{self._source.title} was played to its end")
            return True
        except CameraLost as lost:
            self._say(lost.state, str(lost))
        except Exception as error:  # of a library's own kind: no camera may end this thread
            log.warning("camera: %s: %s", type(error).__name__, error)
            self._say("missing", f"{self._source.title} failed; trying again")
        finally:
            self._source.close()
        return False

    def _rest(self, failures: int) -> None:
        longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(failures, 8))
        until = time.monotonic() + random.uniform(0.1, longest)
        while (left := until - time.monotonic()) > 0 and not self._stop.wait(min(left, 0.5)):
            self._alive_at = time.monotonic()

    def _read(self) -> None:
        due = time.monotonic()
        damaged = 0
        while not self._stop.is_set() and self._source.grab():
            now = self._alive_at = time.monotonic()
            self._grabs.append(now)
            self._grabbed += 1
            self._say("open", self._source.title)
            if self._source.period_s is not None:
                due = self._keep_time(due, self._source.period_s)
            if self._wanted:
                damaged = 0 if self._hand_over() else damaged + 1
            if damaged >= _DAMAGED_IN_A_ROW:
                raise CameraLost(f"{self._source.title}: its pictures cannot be decoded", "stalled")

    def _keep_time(self, due: float, period_s: float) -> float:
        """Wait until a recording's frame is due; return when the next one is.

        One that is late is not waited for, so that the recording catches up; after a pause of
        a second or more (a suspended machine) it goes on from where it was.
        """
        now = time.monotonic()
        if now - due > max(1.0, 2 * period_s):
            return now + period_s
        self._stop.wait(max(0.0, due - now))
        self._alive_at = time.monotonic()
        return due + period_s

    def _hand_over(self) -> bool:
        at_ns = time.monotonic_ns()
        frame = self._source.retrieve()
        if frame is None:
            return False
        with self._changed:
            self._captured = Captured(frame, at_ns)
            self._wanted = False
            self._changed.notify_all()
        return True

    def _say(self, state: CameraState, detail: str) -> None:
        with self._changed:
            if (state, detail) == self._state:
                return
            self._state = (state, detail)
        self._seen(CameraSeen(state, detail))
