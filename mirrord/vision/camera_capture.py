"""What the sources that OpenCV opens have in common."""

from __future__ import annotations

from typing import cast

import cv2

from mirrord.vision.camera import CameraLost, Frame


class OpenCvSource:
    """A source with a `cv2.VideoCapture` behind it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.period_s: float | None = None
        self._capture: cv2.VideoCapture | None = None

    @property
    def capture(self) -> cv2.VideoCapture:
        if self._capture is None:
            raise CameraLost(f"{self.title} is not open")
        return self._capture

    def use(self, capture: cv2.VideoCapture) -> bool:
        """Take a capture into use; False if it did not open."""
        self.close()
        if not capture.isOpened():
            capture.release()
            return False
        self._capture = capture
        return True

    def retrieve(self) -> Frame | None:
        found, picture = self.capture.retrieve()
        return cast(Frame, picture) if found else None

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
