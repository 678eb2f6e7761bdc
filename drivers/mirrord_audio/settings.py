"""[drivers.audio]: where the sound goes, and how loud it may be."""

from __future__ import annotations

from typing import Annotated

import msgspec

NULL = "null"
WAV = "wav:"


class AudioConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of `[drivers.audio]`.

    device: "" is the system's default output; a name, a part of one, or a number as `mirrord
    devices` lists them; "null" plays to nobody; "wav:PATH" writes a file of bounded length.
    max_volume: 0..1, the last cap on every sample.
    """

    device: Annotated[
        str | Annotated[int, msgspec.Meta(ge=0)], msgspec.Meta(extra={"file": WAV})
    ] = ""
    max_volume: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.3

    def __post_init__(self) -> None:
        if self.device == WAV:
            raise ValueError('device "wav:" needs a file, for instance "wav:/tmp/room.wav"')
