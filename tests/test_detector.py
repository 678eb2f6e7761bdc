"""The detector on a real face: near, far, tilted, dark, cut off, and on none."""

import cv2
import numpy as np
import pytest

from mirrord.vision.detector import LONGER_SIDE, Detector
from mirrord.vision.models import detector_path
from tests.fakes.faces import BOX, EYES, placed, portrait, side_by_side, wall


@pytest.fixture(scope="module")
def detector():
    return Detector(detector_path())


def centre(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def test_a_face_is_found_where_it_is(detector):
    (face,) = detector.find(portrait().picture)
    assert face.score > 0.85
    assert face.box == pytest.approx(BOX, abs=12)
    assert face.landmarks.shape == (5, 2)
    assert face.landmarks[:2] == pytest.approx(np.array(EYES), abs=4)
    nose, left_corner, right_corner = face.landmarks[2:]
    assert left_corner[0] < nose[0] < right_corner[0]
    assert nose[1] < left_corner[1]


@pytest.mark.parametrize("longer_side", LONGER_SIDE.values())
def test_the_place_does_not_depend_on_the_detail(longer_side):
    (face,) = Detector(detector_path(), longer_side).find(portrait().picture)
    assert face.box == pytest.approx(BOX, abs=15)


@pytest.mark.parametrize(("longer_side", "width_px"), [(480, 48), (320, 64), (100_000, 30)])
def test_how_far_away_a_face_may_be(longer_side, width_px):
    (face,) = Detector(detector_path(), longer_side).find(placed(width_px / BOX[2]))
    assert centre(face.box) == pytest.approx(centre(BOX), abs=6)
    assert face.box[2] == pytest.approx(width_px, rel=0.25)


@pytest.mark.parametrize("scale", [0.9, 0.35])
@pytest.mark.parametrize("turn", [-25, 25])
def test_the_eyes_of_a_tilted_head_near_and_far(detector, turn, scale):
    (face,) = detector.find(placed(scale, turn=turn))
    left, right = face.landmarks[:2]
    tilt = -np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0]))
    assert tilt == pytest.approx(turn - 4.3, abs=8)  # the portrait itself is tilted a little


def test_a_face_in_the_dark(detector):
    dark = (portrait().picture * 0.12).astype(np.uint8)
    (face,) = detector.find(dark)
    assert centre(face.box) == pytest.approx(centre(BOX), abs=12)


def test_a_box_never_leaves_the_frame(detector):
    for right, down in ((-290, 0), (290, 0), (0, -190), (0, 180)):
        for face in detector.find(placed(right=right, down=down)):
            x, y, width, height = face.box
            assert x >= 0
            assert y >= 0
            assert width > 0
            assert height > 0
            assert x + width <= 640.001
            assert y + height <= 480.001


def test_frames_of_changing_size(detector):
    for size in ((640, 480), (320, 240), (1280, 960), (640, 480)):
        (face,) = detector.find(cv2.resize(portrait().picture, size))
        assert np.array(face.box) * 640 / size[0] == pytest.approx(np.array(BOX), abs=15)


def test_several_faces_the_most_certain_first():
    faces = Detector(detector_path(), LONGER_SIDE["far"]).find(side_by_side(3))
    assert sorted(round(face.box[0] / 640) for face in faces) == [0, 1, 2]
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)


def test_nobody(detector):
    assert detector.find(wall()) == []
    assert detector.find(np.zeros((480, 640, 3), np.uint8)) == []
    assert detector.find(np.full((1, 1, 3), 255, np.uint8)) == []
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    assert detector.find(noise) == []
