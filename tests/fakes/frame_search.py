"""Finds pictures in bytes: whole or in part, raw or compressed, whatever they are wrapped in.

A raw frame shows as the bytes of any stretch of any of its rows, as a camera gives them (BGR), as
other programs want them (RGB), in grey, smaller, or in base64; a compressed one by the signature of
its format.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2

from mirrord.vision.camera import Frame

SIGNATURES = {
    "JPEG": b"\xff\xd8\xff",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "WebP": b"WEBPVP8",
    "AVI": b"AVI LIST",
    "MP4": b"ftypisom",
    "base64 JPEG": b"/9j/4",
    "base64 PNG": b"iVBORw0KGgo",
}
_STRETCH = 24  # bytes of a row; that many are never equal by accident
_PLAIN = 4  # fewer different values than this are a wall, or a run of zeros: no evidence


class FrameSearch:
    """Knows some frames, and finds what is left of them."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._stretches: dict[bytes, str] = {}
        for frame in frames:
            for name, shape in _shapes(frame):
                for row in shape.reshape(shape.shape[0], -1):
                    self._learn(name, row.tobytes())

    def _learn(self, name: str, row: bytes) -> None:
        for start in range(0, len(row) - _STRETCH, _STRETCH):
            stretch = row[start : start + _STRETCH]
            if len(set(stretch)) >= _PLAIN:
                self._stretches[stretch] = name

    def found_in(self, data: bytes) -> set[str]:
        """Return the names of what was found."""
        found = {name for name, mark in SIGNATURES.items() if mark in data}
        for at in range(len(data) - _STRETCH + 1):
            name = self._stretches.get(data[at : at + _STRETCH])
            if name:
                found.add(name)
        for match in re.finditer(rb"[A-Za-z0-9+/]{64,}={0,2}", data):
            text = match[0][: len(match[0]) // 4 * 4]
            found |= {f"base64 {name}" for name in self._plain(base64.b64decode(text))}
        return found

    def _plain(self, data: bytes) -> set[str]:
        seen = (data[at : at + _STRETCH] for at in range(len(data) - _STRETCH + 1))
        return {self._stretches[one] for one in seen if one in self._stretches}


def _shapes(frame: Frame) -> Iterator[tuple[str, Frame]]:
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    yield "BGR", frame
    yield "RGB", cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    yield "grey", grey
    half = cv2.resize(grey, None, fx=0.5, fy=0.5)
    yield "small grey", half


def files_below(*directories: Path) -> dict[Path, bytes]:
    """Return every regular file below some directories, with what is in it."""
    found = {}
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[path] = path.read_bytes()
    return found
