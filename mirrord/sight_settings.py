"""The tables [camera] and [vision], which the vision process gets too. It reads no file."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

CameraNumber = Annotated[int, msgspec.Meta(ge=0, le=255)]
CameraName = Annotated[str, msgspec.Meta(min_length=1)]


class CameraSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[camera]: where frames come from."""

    source: CameraNumber | CameraName = 0
    fps: Annotated[float, msgspec.Meta(gt=0.0, le=120.0)] = 10.0
    width: Annotated[int, msgspec.Meta(ge=64, le=7680)] = 640
    height: Annotated[int, msgspec.Meta(ge=64, le=4320)] = 480
    loop: bool = True


def is_network(settings: CameraSettings) -> bool:
    """Tell whether the camera needs the network."""
    return isinstance(settings.source, str) and "://" in settings.source


def is_device(settings: CameraSettings) -> bool:
    """Tell whether the camera is a device of this machine, which has to be opened for writing."""
    source = settings.source
    if isinstance(source, int):
        return True
    return source.isdecimal() or source.startswith("/dev/") or source == "picamera2"


class VisionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[vision]: how faces are found and judged."""

    min_face_px: Annotated[int, msgspec.Meta(ge=24, le=2000)] = 48
    threads: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    model: Literal["fused", "fer", "face-api", "fer-reference"] = "fused"
    detail: Literal["normal", "power-save", "far"] = "normal"
