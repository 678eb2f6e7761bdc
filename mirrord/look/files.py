"""The files behind the names that a person gives: pictures, films, folders, standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import cv2
import msgspec
import numpy as np

from mirrord.vision.camera import Frame
from mirrord.vision.camera_files import FILMS, PICTURES, film_capture

STDIN = "-"
_LARGEST_STDIN = 100_000_000  # bytes


class Problem(msgspec.Struct, frozen=True):
    """A file that could not be looked at, and why."""

    file: str
    problem: str


@dataclass(frozen=True, slots=True)
class Item:
    """A file and the frames it is expected to have."""

    name: str
    frames: int
    film: bool


def items_of(paths: Sequence[str]) -> tuple[list[Item], list[Problem]]:
    """Return the files that are worth trying, and those that are not there or nothing to see."""
    items: list[Item] = []
    problems: list[Problem] = []
    for name in paths:
        for file in _files(name):
            problem = None if file == STDIN else _obstacle(Path(file))
            if problem:
                problems.append(Problem(file, problem))
            else:
                items.append(_item(file))
    return items, problems


def _files(name: str) -> Iterator[str]:
    """Yield the files below a folder in the order of their names, hidden ones left out."""
    if name == STDIN or not Path(name).is_dir():
        yield name
        return
    for folder, inner, files in os.walk(name):
        inner[:] = sorted(one for one in inner if not one.startswith("."))
        yield from (os.path.join(folder, one) for one in sorted(files) if not one.startswith("."))


def _obstacle(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            if not file.read(1):
                return "this file is empty"
    except OSError as error:
        return f"this file cannot be read ({error.strerror})"
    if path.suffix.lower() in FILMS | PICTURES or cv2.haveImageReader(str(path)):
        return None
    return "this is no picture and no film"


def _item(name: str) -> Item:
    if name == STDIN or Path(name).suffix.lower() not in FILMS:
        return Item(name, 1, film=False)
    capture = film_capture(Path(name))
    if capture is None:
        return Item(name, 1, film=True)
    frames = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    capture.release()
    return Item(name, max(1, frames), film=True)


def read_picture(name: str, stdin: BinaryIO | None) -> Frame | Problem:
    """Return a picture in BGR, turned as its EXIF data say."""
    try:
        if name == STDIN:
            data = (stdin or sys.stdin.buffer).read(_LARGEST_STDIN)
            picture = (
                cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
            )
        else:
            picture = cv2.imread(name, cv2.IMREAD_COLOR)
    except cv2.error:  # larger than OpenCV is willing to decode
        picture = None
    if picture is None:
        return Problem(name, "this is no picture that can be read")
    return cast(Frame, picture)
