import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.vision.align import MARGIN, SIZE, align, roll

EYES = 0.4  # of the box's side apart


def head(
    centre: tuple[float, float], side: float, degrees: float
) -> tuple[np.ndarray, np.ndarray, tuple[float, float, float, float]]:
    """Return a frame with two bright eyes, its landmarks and its box."""
    angle = math.radians(degrees)
    across = np.array([math.cos(angle), math.sin(angle)]) * side * EYES
    down = np.array([-math.sin(angle), math.cos(angle)]) * side * EYES
    eyes = np.array(centre) - down / 2 + np.outer([-0.5, 0.5], across)
    mouth = np.array(centre) + down / 2 + np.outer([-0.5, 0.5], across)
    landmarks = np.vstack([eyes, [centre], mouth])
    frame = np.full((480, 640, 3), 60, np.uint8)
    for x, y in eyes:
        # Whole discs, drawn at a sixteenth of a pixel; a pixel's middle is at half.
        place = (round((x - 0.5) * 16), round((y - 0.5) * 16))
        cv2.circle(frame, place, round(side * 0.05 * 16), (250, 250, 250), -1, cv2.LINE_AA, 4)
    box = (centre[0] - side / 2, centre[1] - side / 2, side, side)
    return frame, landmarks, box


def middles(face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the eyes of a face are: the middle of what is bright on either side."""
    light = np.clip(face[:, :, 0].astype(float) - 80, 0, None)
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    found = []
    for half in (x < SIZE / 2, x >= SIZE / 2):
        weight = light * half
        found.append(np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum())
    return found[0], found[1]


@settings(max_examples=60, deadline=None)
@given(
    centre=st.tuples(st.floats(200, 440), st.floats(180, 300)),
    side=st.floats(50, 330),
    degrees=st.floats(-40, 40),
)
def test_eyes_come_out_level_and_where_they_belong(centre, side, degrees) -> None:
    face = align(*head(centre, side, degrees))
    assert face.shape == (SIZE, SIZE, 3)
    assert face.dtype == np.uint8
    left, right = middles(face)
    apart = SIZE * EYES / MARGIN
    assert left == pytest.approx([SIZE / 2 - apart / 2, SIZE / 2 - apart / 2], abs=0.7)
    assert right == pytest.approx([SIZE / 2 + apart / 2, SIZE / 2 - apart / 2], abs=0.7)


@given(degrees=st.floats(-80, 80))
def test_roll_is_the_angle_of_the_eyes(degrees: float) -> None:
    _, landmarks, _ = head((320, 240), 100, degrees)
    assert math.degrees(roll(landmarks)) == pytest.approx(degrees, abs=1e-6)


def test_what_lies_beyond_the_frame_repeats_the_edge() -> None:
    frame, landmarks, _ = head((320, 240), 100, 0)
    frame[:, 0] = 200
    face = align(frame, landmarks, (-60.0, 100.0, 120.0, 120.0))
    assert face[SIZE // 2, 0].tolist() == [200, 200, 200]


@pytest.mark.parametrize("side", [100.0, 400.0])
def test_the_frame_stays_as_it_was(side: float) -> None:
    frame, landmarks, box = head((320, 240), side, 20)
    before = frame.copy()
    align(frame, landmarks, box)
    assert np.array_equal(frame, before)


def test_a_large_face_is_averaged_not_sampled() -> None:
    # Stripes of one pixel: sampling would show black and 200, averaging blocks of three does not.
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[:, ::2] = 200
    _, landmarks, box = head((320, 240), 400, 0)
    face = align(frame, landmarks, box)
    assert face.min() > 60
    assert face.max() < 140
