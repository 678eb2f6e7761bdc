"""What a camera is, and which kind of camera a setting means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from mirrord.errors import MirrorError
from mirrord.sight_settings import CameraSettings
from mirrord.wire import CameraState

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Frame: TypeAlias = npt.NDArray[np.uint8]  # (height, width, 3), BGR
else:
    Frame = Any


class CameraLost(MirrorError):
    """There is no camera, or no longer; it is tried again."""

    def __init__(self, sentence: str, state: CameraState = "missing") -> None:
        super().__init__(sentence)
        self.state: CameraState = state


class Source(Protocol):
    """Where frames come from. One thread at a time uses it.

    `period_s` is the time between two frames of a recording, which has to be paced; None for a
    camera, which gives frames when it has them. `title` is fit to be shown: it has no password.
    """

    title: str
    period_s: float | None

    def open(self) -> None:
        """Open it. Raises CameraLost with what is wrong and what to do."""

    def grab(self) -> bool:
        """Wait for the next frame without decoding it; False at the end of a recording.

        Raises CameraLost.
        """

    def retrieve(self) -> Frame | None:
        """Return the frame that was grabbed last; None if it is damaged."""

    def close(self) -> None:
        """Give the device back. Does nothing if it is not open."""


def source_of(settings: CameraSettings) -> Source:
    """Return the source that `[camera] source` means, not yet open.

    A number or a path below /dev is a V4L2 camera; "picamera2" is the Pi's own; something with
    "://" is a stream; a directory is a folder of pictures; anything else is a video file.
    """
    source = settings.source
    if isinstance(source, int) or source.isdecimal() or source.startswith("/dev/"):
        from mirrord.vision.camera_v4l2 import V4l2Camera  # noqa: PLC0415 - only what is needed

        return V4l2Camera(source, settings)
    if source == "picamera2":
        from mirrord.vision.camera_pi import PiCamera  # noqa: PLC0415 - only what is needed

        return PiCamera(settings)
    if "://" in source:
        from mirrord.vision.camera_stream import StreamCamera  # noqa: PLC0415 - only what is needed

        return StreamCamera(source)
    from mirrord.vision.camera_files import PictureFolder, VideoFile  # noqa: PLC0415 - as above

    path = Path(source).expanduser()
    return PictureFolder(path, settings) if path.is_dir() else VideoFile(path, settings)


def find_cameras(devices: Path = Path("/dev")) -> list[str]:
    """Return one line for each camera of this machine, none of which is started."""
    from mirrord.vision.camera_probe import cameras  # noqa: PLC0415 - only what is needed

    return cameras(devices)
