import json
import math
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.errors import MirrorError
from mirrord.model import EXPRESSIONS
from mirrord.vision.calibration import CERTAINTIES, Certainty
from mirrord.vision.classifier import Classifier, Judgement, Sighting, load
from mirrord.vision.detector import Detector, Face
from mirrord.vision.models import detector_path
from tests.parity import differences

ROOT = Path(__file__).parents[1]
OPENCV4 = ROOT / ".peers" / "opencv4"
NAMES = ("fused", "fer", "face-api")


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(detector_path())


@pytest.fixture(scope="module", params=NAMES)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return load(request.param)


def only_face(detector: Detector, frame: np.ndarray) -> Face:
    (face,) = detector.find(frame)
    return face


def judge(classifier: Classifier, detector: Detector, frame: np.ndarray) -> Judgement:
    face = only_face(detector, frame)
    return classifier.judge(frame, face.landmarks, face.box)


def check_parity(found: dict) -> None:
    for name in ("fer", "face-api"):
        assert found[name]["faces"] == 136
        assert found[name]["difference"] < 1e-5
        assert found[name]["same_best"] == 1.0


def test_networks_say_what_the_real_packages_say() -> None:
    check_parity(differences())


def test_networks_say_the_same_on_opencv_4() -> None:
    assert OPENCV4.is_dir(), "run `sh scripts/setup_tests.sh` first: it installs OpenCV 4"
    environment = {**os.environ, "PYTHONPATH": f"{OPENCV4}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.parity"]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    )
    found = json.loads(done.stdout)
    assert found["opencv"].startswith("4.")
    check_parity(found)


def test_a_smile_is_happy(classifier, detector, portrait) -> None:
    judged = judge(classifier, detector, portrait)
    assert judged.quality == "good"
    assert judged.expression == "happy"
    assert judged.confidence > 0.9
    assert judged.expressions is not None
    assert tuple(judged.expressions) == EXPRESSIONS
    assert sum(judged.expressions.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("degrees", [-25, 25])
def test_a_tilted_head_is_levelled(classifier, detector, portrait, degrees: int) -> None:
    turn = cv2.getRotationMatrix2D((224, 122), degrees, 1.0)
    tilted = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    upright = judge(classifier, detector, portrait)
    judged = judge(classifier, detector, tilted)
    assert judged.expression == "happy"
    assert judged.confidence == pytest.approx(upright.confidence, abs=0.15)


@pytest.mark.parametrize("scale", [0.5, 2.5])
def test_near_and_far_look_alike(classifier, detector, portrait, scale: float) -> None:
    judged = judge(classifier, detector, cv2.resize(portrait, None, fx=scale, fy=scale))
    assert judged.expression == "happy"


def test_a_mirror_image_expresses_the_same(detector, portrait) -> None:
    classifier = load("fused")
    face = only_face(detector, portrait)
    plain = classifier.judge(portrait, face.landmarks, face.box)
    x, y, width, height = face.box
    landmarks = face.landmarks[[1, 0, 2, 4, 3]].copy()
    landmarks[:, 0] = 512 - landmarks[:, 0]
    flipped = np.ascontiguousarray(portrait[:, ::-1])
    mirrored = classifier.judge(flipped, landmarks, (512 - x - width, y, width, height))
    assert mirrored.confidence == pytest.approx(plain.confidence, abs=0.05)


def test_dusk_is_lit_and_night_is_refused(classifier, detector, portrait) -> None:
    face = only_face(detector, portrait)
    dusk = np.rint(portrait * 0.2).astype(np.uint8)
    assert classifier.judge(dusk, face.landmarks, face.box).expression == "happy"
    night = np.rint(portrait * 0.05).astype(np.uint8)
    refused = Judgement("dark", None, "unsure", 0.0)
    assert classifier.judge(night, face.landmarks, face.box) == refused


def test_what_cannot_be_judged_is_not(classifier, detector, portrait) -> None:
    face = only_face(detector, portrait)
    blurred = cv2.GaussianBlur(portrait, (0, 0), 6)
    assert classifier.judge(blurred, face.landmarks, face.box).quality == "blurred"
    tiny = cv2.resize(portrait, None, fx=0.2, fy=0.2)
    box = tuple(value * 0.2 for value in face.box)
    assert classifier.judge(tiny, face.landmarks * 0.2, box).quality == "small"
    away = face.landmarks.copy()
    away[2, 0] += 40
    judged = classifier.judge(portrait, away, face.box)
    assert judged == Judgement("turned", None, "unsure", 0.0)


coordinates = st.one_of(
    st.floats(-100, 400), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e9, -1e9])
)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 1000),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    landmarks=st.lists(coordinates, min_size=10, max_size=10),
    box=st.tuples(coordinates, coordinates, coordinates, coordinates),
)
def test_no_frame_and_no_place_breaks_it(seed, size, landmarks, box) -> None:
    frame = np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.uint8)
    judged = FUSED.judge(frame, np.array(landmarks, np.float32).reshape(5, 2), box)
    assert (judged.expressions is None) == (judged.quality != "good")
    assert 0 <= judged.confidence <= 1
    if judged.expressions is not None:
        assert all(0 <= value <= 1 for value in judged.expressions.values())
        assert sum(judged.expressions.values()) == pytest.approx(1)


FUSED = load("fused")
CROP = np.ascontiguousarray(skimage.data.astronaut()[66:178, 168:280])


class Told:
    """A judge that says what it is told."""

    def __init__(self, logits: list[float]) -> None:
        self.logits = np.array(logits)

    def log_probabilities(self, seen: Sighting) -> np.ndarray:
        return self.logits


@given(
    logits=st.lists(st.floats(-1e4, 1e4), min_size=7, max_size=7),
    temperature=st.floats(0.5, 10),
    unsure=st.floats(0, 1),
)
def test_confidence_decides_whether_a_name_is_given(logits, temperature, unsure) -> None:
    judged = Classifier(Told(logits), Certainty(temperature, unsure)).judge_crop(CROP)
    assert (judged.expression == "unsure") == (judged.confidence < unsure)
    if judged.expression != "unsure":
        assert logits[EXPRESSIONS.index(judged.expression)] == pytest.approx(max(logits))
    shares = np.exp((np.array(logits) - max(logits)) / temperature)
    assert judged.confidence == pytest.approx(1 / shares.sum())


def test_confidence_is_tempered_where_the_network_boasts(detector, portrait) -> None:
    judged = judge(load("face-api"), detector, portrait)
    assert judged.expressions is not None
    assert CERTAINTIES["face-api"].temperature > 1
    assert judged.confidence < judged.expressions["happy"]


def test_an_unknown_classifier_is_refused() -> None:
    with pytest.raises(MirrorError, match="no classifier 'ferr'; known are fused, fer"):
        load("ferr")


def test_the_reference_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fer", None)  # as where it is not installed
    with pytest.raises(MirrorError, match=r"x86_64 with Python 3\.11 or 3\.12, run `pip") as caught:
        load("fer-reference")
    assert "\n" not in str(caught.value)
