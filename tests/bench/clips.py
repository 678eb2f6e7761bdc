"""Films for the measurements, made of the demo's portrait: 640 x 480, 10 frames a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from mirrord.simulator.clip import FPS, expressions, frames, pose_at
from mirrord.simulator.portrait import HEIGHT, WIDTH, Portrait


def face(path: Path, seconds: float = 30.0) -> str:
    """Write a film of one face that sways, nods and blinks like somebody at a mirror."""
    faces = expressions()
    portrait = Portrait()

    def film() -> Iterator[np.ndarray]:
        for number in range(round(seconds * FPS)):
            pose = pose_at(number / FPS, faces)
            yield _noisy(portrait.render(faces["happy"], pose.head), number)

    return _write(path, film())


def nobody(path: Path, seconds: float = 30.0) -> str:
    """Write a film of an empty room, with a camera's noise."""
    empty = list(frames())[-round(3 * FPS)]
    return _write(path, (_noisy(empty, number) for number in range(round(seconds * FPS))))


def stills(folder: Path, names: tuple[str, ...] = ("happy", "angry")) -> str:
    """Write one picture of each expression into a folder."""
    portrait, faces = Portrait(), expressions()
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / f"{number}.png"), portrait.render(faces[name], (0.0, 0.0)))
    return str(folder)


def _noisy(picture: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _write(path: Path, film: Iterable[np.ndarray]) -> str:
    code = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), cv2.CAP_OPENCV_MJPEG, code, FPS, (WIDTH, HEIGHT))
    try:
        for frame in film:
            writer.write(frame)
    finally:
        writer.release()
    return str(path)
