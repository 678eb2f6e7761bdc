"""The versioned JSON lines that the vision process prints and the daemon reads."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from mirrord.expression import Expression

VERSION = 1
MAX_LINE = 64 * 1024
MAX_REASON = 1000

Quality = Literal["good", "small", "dark", "turned", "blurred"]
CameraState = Literal["opening", "open", "missing", "stalled", "ended", "off"]
Probability = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class FaceSeen(msgspec.Struct, frozen=True):
    """One face of a frame; `expressions` is None where quality forbids a judgement."""

    track: int
    box: tuple[int, int, int, int]  # x, y, width, height in pixels of the frame
    score: Probability  # the detector's
    quality: Quality
    expressions: dict[str, Probability] | None = None
    expression: Expression = "unsure"
    confidence: Probability = 0.0


class FrameSeen(msgspec.Struct, frozen=True, tag="frame", tag_field="type"):
    """What one frame shows."""

    frame: int
    captured_ns: int  # CLOCK_MONOTONIC, the same clock in every process of this machine
    width: int
    height: int
    faces: tuple[FaceSeen, ...] = ()
    inference_ms: float = 0.0


class CameraSeen(msgspec.Struct, frozen=True, tag="camera", tag_field="type"):
    """A change of the camera's state."""

    state: CameraState
    detail: str = ""


class VisionHealth(msgspec.Struct, frozen=True, tag="health", tag_field="type"):
    """Sent every few seconds, whether or not there are frames: silence means a hang."""

    fps: float  # frames judged a second
    read_fps: float  # frames the camera gave a second
    detect_ms: float  # medians
    classify_ms: float
    pace: str  # how often it looks now: "face", "still", "nobody", "hot"
    detector: str  # "normal", "power-save", "far"
    model: str
    memory_mb: float
    cpu_temp_c: float | None = None
    protections: tuple[str, ...] = ()  # what the kernel granted: "no-network", "no-writing", ...


class VisionFailed(msgspec.Struct, frozen=True, tag="failed", tag_field="type"):
    """The last words of a vision process that cannot go on: why, in one sentence."""

    reason: Annotated[str, msgspec.Meta(max_length=MAX_REASON)]


class CamerasFound(msgspec.Struct, frozen=True, tag="cameras", tag_field="type"):
    """What it says if it was only asked which cameras there are: a line for each."""

    lines: tuple[str, ...]


Message = FrameSeen | CameraSeen | VisionHealth  # what is seen: the daemon's parts take it in
Told = Message | VisionFailed | CamerasFound

_decoder: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)
_encoder = msgspec.json.Encoder()


def encode(message: Told) -> bytes:
    """Return one line of JSON with its newline."""
    return _encoder.encode(message) + b"\n"


def decode(line: bytes) -> Told:
    """Return the message of a line. Raises msgspec.DecodeError for anything else."""
    return _decoder.decode(line)
