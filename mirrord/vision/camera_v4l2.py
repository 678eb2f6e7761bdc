"""Cameras of Video4Linux: USB webcams and the like."""

from __future__ import annotations

import os
from pathlib import Path

import cv2

from mirrord.sight_settings import CameraSettings
from mirrord.vision.camera import CameraLost
from mirrord.vision.camera_capture import OpenCvSource
from mirrord.vision.camera_probe import SEE, card_of

_RAW_PIXELS = 640 * 480  # more than this does not fit through USB 2 uncompressed at a useful rate


class V4l2Camera(OpenCvSource):
    """A camera by its number, its /dev/videoN, or a link below /dev/v4l/by-id."""

    def __init__(self, source: int | str, settings: CameraSettings) -> None:
        text = str(source)
        self._path = Path(f"/dev/video{text}" if text.isdecimal() else text)
        super().__init__(str(self._path))
        self._settings = settings

    def open(self) -> None:
        index = self._index()
        card_of(Path(f"/dev/video{index}"))
        if not self.use(cv2.VideoCapture(index, cv2.CAP_V4L2)):
            raise CameraLost(f"{self.title} does not open; does another programme use it?")
        self._ask()

    def _index(self) -> int:
        """Return N of /dev/videoN, following links: OpenCV knows cameras by number alone."""
        name = os.path.realpath(self._path).rpartition("/")[2]
        number = name.removeprefix("video")
        if number.isdecimal() and name != number:
            return int(number)
        if not self._path.exists():
            raise CameraLost(f"{self.title} is not there; plug the camera in ({SEE})")
        raise CameraLost(f"{self.title} is no camera ({SEE})")

    def _ask(self) -> None:
        """Ask for a size and a rate; a camera that has not got them gives its nearest."""
        wanted = self._settings
        if wanted.width * wanted.height > _RAW_PIXELS:
            self.capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self.capture.set(cv2.CAP_PROP_FRAME_WIDTH, wanted.width)
        self.capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wanted.height)
        self.capture.set(cv2.CAP_PROP_FPS, wanted.fps)

    def grab(self) -> bool:
        if self.capture.grab():
            return True
        if not os.path.exists(os.path.realpath(self._path)):
            raise CameraLost(f"{self.title} was unplugged; waiting for it to come back")
        raise CameraLost(f"{self.title} gives no pictures; opening it again", "stalled")
