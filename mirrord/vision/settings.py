"""What the vision process is told on the first line of its standard input."""

from __future__ import annotations

import msgspec

from mirrord.sight_settings import CameraSettings, VisionSettings


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two tables of the configuration file that concern it, and its times in seconds.

    `health_s`: between two reports of its health. `stall_s`: a camera without a frame for so long
    has stalled. `hung_s`: a call into the camera that takes longer ends the process, since no
    thread can be freed from one. With `find` it only says which cameras there are, and ends.
    """

    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
    health_s: float = 2.0
    stall_s: float = 5.0
    hung_s: float = 20.0
    find: bool = False
