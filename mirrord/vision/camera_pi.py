"""The Raspberry Pi's own camera, through picamera2, which exists on Raspberry Pi OS alone."""

from __future__ import annotations

from typing import Any

from mirrord.sight_settings import CameraSettings
from mirrord.vision.camera import CameraLost, Frame

INSTALL = (
    "run `sudo apt install --no-install-recommends python3-picamera2`, "
    "remove .venv and run `make setup` again"
)


class PiCamera:
    """The camera that libcamera lists first."""

    def __init__(self, settings: CameraSettings) -> None:
        self.title = "picamera2"
        self.period_s: float | None = None
        self._settings = settings
        self._camera: Any = None
        self._frame: Frame | None = None

    def open(self) -> None:
        try:
            from picamera2 import Picamera2  # noqa: PLC0415 - no other machine has it
        except ImportError as error:
            raise CameraLost(f"picamera2 cannot be used here ({error}): {INSTALL}") from None
        try:
            self._camera = Picamera2()
            self._camera.configure(self._configuration())
            self._camera.start()
        except Exception as error:  # libcamera's failures are of no common kind
            self.close()
            raise CameraLost(
                f"the Pi's camera does not open ({error}): check its ribbon cable and that no "
                "other programme uses it; `rpicam-hello --list-cameras` shows what the Pi sees"
            ) from None

    def _configuration(self) -> Any:
        size = (self._settings.width, self._settings.height)
        # libcamera names the order within a word: its "RGB888" is what OpenCV calls BGR.
        return self._camera.create_video_configuration(
            main={"size": size, "format": "RGB888"},
            controls={"FrameRate": self._settings.fps},
        )

    def grab(self) -> bool:
        try:
            self._frame = self._camera.capture_array("main")
        except Exception as error:  # as above
            raise CameraLost(f"the Pi's camera stopped ({error}); trying again") from None
        return True

    def retrieve(self) -> Frame | None:
        return self._frame

    def close(self) -> None:
        camera, self._camera, self._frame = self._camera, None, None
        if camera is not None:
            camera.stop()
            camera.close()
