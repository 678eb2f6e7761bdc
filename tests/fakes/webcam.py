"""A webcam that a test plugs in: the simulated kernel device of tests/peers/v4l2.c."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from mirrord.vision.camera import Frame

SOURCE = Path(__file__).parents[1] / "peers" / "v4l2.c"


@cache
def _folder() -> TemporaryDirectory[str]:
    """Return a folder that goes when this process ends."""
    return TemporaryDirectory(prefix="mirrord-v4l2-")


@cache
def library() -> Path:
    """Compile the simulated device, once a run."""
    path = Path(_folder().name) / "v4l2.so"
    flags = ["-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wno-maybe-uninitialized"]
    subprocess.run(["gcc", *flags, "-o", str(path), str(SOURCE), "-ldl"], check=True, timeout=60)
    return path


class Webcam:
    """A directory that stands for /dev, as far as cameras go."""

    def __init__(self, directory: Path, picture: Frame) -> None:
        directory.mkdir()
        self.directory = directory
        (directory / "frame.yuyv").write_bytes(yuyv(picture))

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process see this camera."""
        return {"LD_PRELOAD": str(library()), "FAKE_V4L2": str(self.directory)}

    def behave(self, how: str = "", number: int = 0) -> None:
        """Plug it in, or change what it does: see v4l2.c."""
        (self.directory / f"video{number}").write_text(how)

    def unplug(self, number: int = 0) -> None:
        (self.directory / f"video{number}").unlink()


def yuyv(picture: Frame) -> bytes:
    """Return a 640 x 480 picture as a webcam sends it."""
    levels = cv2.cvtColor(cv2.resize(picture, (640, 480)), cv2.COLOR_BGR2YUV)
    packed = np.empty((480, 640, 2), np.uint8)
    packed[..., 0] = levels[..., 0]
    packed[:, 0::2, 1] = levels[:, 0::2, 1]
    packed[:, 1::2, 1] = levels[:, 0::2, 2]
    return packed.tobytes()
