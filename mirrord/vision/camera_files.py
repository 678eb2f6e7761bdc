"""Recordings as cameras: a video file, a folder of pictures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import cv2

from mirrord.sight_settings import CameraSettings
from mirrord.vision.camera import CameraLost, Frame
from mirrord.vision.camera_capture import OpenCvSource

PICTURES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
FILMS = frozenset(
    {
        *(".3gp", ".avi", ".flv", ".gif", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4"),
        *(".mpeg", ".mpg", ".ogv", ".ts", ".webm", ".wmv"),
    }
)
_FASTEST = 240.0  # a file that claims more frames a second than this does not know its own rate


class VideoFile(OpenCvSource):
    """A video, played at its own rate, again and again if `loop`."""

    def __init__(self, path: Path, settings: CameraSettings) -> None:
        super().__init__(str(path))
        self.period_s = 1.0 / settings.fps
        self._path = path
        self._loop = settings.loop

    def open(self) -> None:
        if not self._path.is_file():
            raise CameraLost(f"{self._path}: no such file; [camera] source names it")
        capture = film_capture(self._path)
        if capture is None:
            raise CameraLost(f"{self._path}: this file is no video that can be played")
        self.use(capture)
        rate = self.capture.get(cv2.CAP_PROP_FPS)
        if 0.0 < rate <= _FASTEST:
            self.period_s = 1.0 / rate

    def grab(self) -> bool:
        if self.capture.grab():
            return True
        if not self._loop:
            return False
        self.open()
        if self.capture.grab():
            return True
        raise CameraLost(f"{self._path}: this video has no frame in it")


def film_capture(path: Path) -> cv2.VideoCapture | None:
    """Return an opened video, None if no reader of OpenCV's can play it."""
    backends = [cv2.CAP_FFMPEG]
    if path.suffix.lower() == ".avi":
        # This one does not decode the frames that nobody asks for, but knows Motion JPEG alone.
        backends.insert(0, cv2.CAP_OPENCV_MJPEG)
    for backend in backends:
        single = [cv2.CAP_PROP_N_THREADS, 1] if backend == cv2.CAP_FFMPEG else []
        capture = cv2.VideoCapture(str(path), backend, single)
        if capture.isOpened():
            return capture
        capture.release()
    return None


class PictureFolder:
    """A folder of pictures in the order of their names (2 before 10), at `fps` pictures a second.

    The folder is read anew each time round, so pictures may come and go.
    """

    def __init__(self, path: Path, settings: CameraSettings) -> None:
        self.title = str(path)
        self.period_s: float | None = 1.0 / settings.fps
        self._path = path
        self._loop = settings.loop
        self._left: list[Path] = []
        self._current: Path | None = None

    def open(self) -> None:
        self._left = pictures_in(self._path)
        if not self._left:
            raise CameraLost(f"{self._path}: there is no picture in this folder")

    def grab(self) -> bool:
        if not self._left:
            if not self._loop:
                return False
            self.open()
        self._current = self._left.pop(0)
        return True

    def retrieve(self) -> Frame | None:
        if self._current is None:
            return None
        return cast("Frame | None", cv2.imread(str(self._current), cv2.IMREAD_COLOR))

    def close(self) -> None:
        self._left = []
        self._current = None


def pictures_in(folder: Path) -> list[Path]:
    """Return the picture files of a folder, sorted by name with numbers in their order.

    Raises CameraLost if the folder cannot be read.
    """
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURES]
    except OSError as error:
        raise CameraLost(f"{folder}: this folder cannot be read ({error.strerror})") from None
    return sorted(found, key=_natural)


def _natural(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", path.name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
