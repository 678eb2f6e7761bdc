"""What the vision process is told on the first line of its standard input."""

from __future__ import annotations

import msgspec

from mirrord.config import CameraSettings, VisionSettings


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two tables of the configuration file that concern it."""

    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
