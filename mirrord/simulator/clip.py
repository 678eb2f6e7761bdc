"""The film that the demo watches where there is no camera: a real face whose expression changes.

The person is real, the changes are not: a portrait of the public domain is warped (portrait.py), by
amounts that were searched for with the product's own networks (scripts/clip/tune.py).
"""

from __future__ import annotations

import json
import math
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from mirrord.errors import MirrorError
from mirrord.simulator.portrait import HEIGHT, PORTRAIT, WIDTH, Picture, Portrait

EXPRESSIONS_FILE = PORTRAIT.with_name("expressions.json")
FPS = 10.0
# What the face does, and for how many seconds; None: nobody is there.
SCENES: Sequence[tuple[str | None, float]] = (
    ("happy", 8.0),
    ("neutral", 6.0),
    ("sad", 8.0),
    ("surprise", 6.0),
    ("angry", 7.0),
    (None, 7.0),
)
LENGTH_S = sum(seconds for _, seconds in SCENES)
CHANGE_S = 0.8  # from one expression to the next
_BLINK_EVERY_S, _BLINK_S, _BLINK = 4.3, 0.25, 0.1
_FORMAT = 1  # another number makes every installation build the film anew

_Face: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Pose:
    """The portrait at one moment: see `Portrait.render`; `there` is 0 (nobody) to 1."""

    face: _Face
    head: tuple[float, float]
    light: float
    there: float


def make_clip(directory: Path, progress: Callable[[float], None] | None = None) -> Path:
    """Return the film, a Motion JPEG of 640 x 480 at 10 frames a second, made if need be.

    `progress` is called with 0..1. Raises MirrorError if it cannot be written to `directory`.
    """
    path = directory / f"face-{_version():08x}.avi"
    if path.is_file():
        return path
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".film", dir=directory) as part:
            _write(Path(part) / path.name, progress or (lambda _done: None))
            (Path(part) / path.name).replace(path)
    except OSError as error:
        raise MirrorError(
            f"{directory}: the demo's film cannot be written there ({error.strerror})"
        ) from None
    return path


def _version() -> int:
    code = f"{_FORMAT} {FPS} {SCENES}".encode()
    return zlib.crc32(code + PORTRAIT.read_bytes() + EXPRESSIONS_FILE.read_bytes())


def _write(path: Path, progress: Callable[[float], None]) -> None:
    writer = cv2.VideoWriter(
        str(path),
        cv2.CAP_FFMPEG,
        cv2.VideoWriter.fourcc(*"MJPG"),
        FPS,
        (WIDTH, HEIGHT),
    )
    if not writer.isOpened():
        raise MirrorError(f"{path.parent}: the demo's film cannot be written there")
    try:
        for number, frame in enumerate(frames(), start=1):
            writer.write(frame)
            progress(number / (LENGTH_S * FPS))
    finally:
        writer.release()


def frames() -> Iterator[Picture]:
    """Yield the frames of the film, one round of the loop."""
    portrait = Portrait()
    empty = _empty_room(portrait.picture)
    faces = expressions()
    for number in range(round(LENGTH_S * FPS)):
        pose = pose_at(number / FPS, faces)
        frame = portrait.render(pose.face, pose.head) if pose.there > 0 else empty
        if 0 < pose.there < 1:
            frame = np.asarray(
                cv2.addWeighted(frame, pose.there, empty, 1 - pose.there, 0), np.uint8
            )
        yield np.asarray(cv2.convertScaleAbs(frame, alpha=pose.light), np.uint8)


def expressions() -> Mapping[str, _Face]:
    """Return what each expression is for this portrait."""
    found: Mapping[str, _Face] = json.loads(EXPRESSIONS_FILE.read_text(encoding="utf-8"))
    return found


def expression_at(at_s: float) -> str | None:
    """Return what the face does at a time of the film; None while nobody is there."""
    at_s %= LENGTH_S
    for name, seconds in SCENES:
        if at_s < seconds:
            return name
        at_s -= seconds
    return SCENES[-1][0]


def pose_at(at_s: float, faces: Mapping[str, _Face]) -> Pose:
    """Return the pose at a time; continuous, also from the film's end to its beginning."""
    now, before = expression_at(at_s), expression_at(at_s - CHANGE_S)
    share = 1.0 if now == before else _eased(_since_change(at_s) / CHANGE_S)
    there = (1.0 if now else 0.0) * share + (1.0 if before else 0.0) * (1 - share)
    new = faces[now or before or "neutral"]
    old = faces[before or now or "neutral"]
    face = {
        name: share * new.get(name, 0.0) + (1 - share) * old.get(name, 0.0) for name in {*new, *old}
    }
    if at_s % _BLINK_EVERY_S < _BLINK_S:
        face["upper_lids_down"] = face.get("upper_lids_down", 0.0) + _BLINK
    round_s = 2 * math.pi / LENGTH_S  # whole numbers of turns in one round, so that it has no seam
    sway = 5 * math.sin(7 * round_s * at_s) + 2 * math.sin(17 * round_s * at_s)
    nod = 3 * math.sin(11 * round_s * at_s + 1)
    return Pose(face, (sway, nod), 1 + 0.03 * math.sin(5 * round_s * at_s), there)


def _since_change(at_s: float) -> float:
    at_s %= LENGTH_S
    for _, seconds in SCENES:
        if at_s < seconds:
            break
        at_s -= seconds
    return at_s


def _eased(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _empty_room(picture: Picture) -> Picture:
    """Return the portrait's background alone: what is left and right of the person, joined."""
    left, right, floor = 120, 540, 360
    room = picture.copy()
    room[floor:] = room[floor - 1]
    share = np.linspace(0, 1, right - left, dtype=np.float32)[None, :, None]
    edges = cv2.GaussianBlur(room, (0, 0), 8).astype(np.float32)
    room[:, left:right] = (
        edges[:, left : left + 1] * (1 - share) + edges[:, right - 1 : right] * share
    )
    soft = np.asarray(cv2.GaussianBlur(room, (0, 0), 3), np.uint8)
    return soft
