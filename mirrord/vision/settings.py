"""What the vision process is told on the first line of its standard input."""

from __future__ import annotations

import msgspec

from mirrord.config import CameraSettings, VisionSettings


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two tables of the configuration file that concern it, and its patience.

    A call into the camera that takes longer than `hung_s` ends the process: no thread can be freed
    from one.
    """

    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
    hung_s: float = 20.0
