import math

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mirrord.vision import quality

FRAME = (480, 640)
# A head's five points in distances between the eyes: right, down, towards the camera.
HEAD = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.6, 0.5], [-0.4, 1.1, 0.1], [0.4, 1.1, 0.1]])


def seen(yaw_degrees: float, roll_degrees: float = 0.0, size: float = 60.0) -> np.ndarray:
    """Return the landmarks of a head that is turned and tilted."""
    yaw, roll = math.radians(yaw_degrees), math.radians(roll_degrees)
    x = HEAD[:, 0] * math.cos(yaw) + HEAD[:, 2] * math.sin(yaw)
    flat = np.column_stack([x, HEAD[:, 1]])
    turn = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    return flat @ turn * size + [320.0, 200.0]


def face() -> np.ndarray:
    """Return the astronaut's face, grey, (112, 112)."""
    portrait = skimage.data.astronaut()[66:178, 168:280]
    return cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)


@given(yaw=st.floats(-25, 25), roll=st.floats(-45, 45), size=st.floats(10, 300))
def test_a_head_towards_the_mirror_is_not_turned(yaw, roll, size) -> None:
    assert quality.turned(seen(yaw, roll, size)) < quality.TURNED


@given(yaw=st.floats(45, 80), side=st.sampled_from([-1, 1]), roll=st.floats(-45, 45))
def test_a_head_turned_away_is_turned(yaw, side, roll) -> None:
    landmarks = seen(side * yaw, roll)
    assert quality.turned(landmarks) > quality.TURNED
    assert quality.of_place(landmarks, (270.0, 180.0, 100.0, 120.0), FRAME) == "turned"


def test_eyes_in_one_place_are_turned_away() -> None:
    assert quality.turned(np.zeros((5, 2))) == math.inf


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((270.0, 180.0, 100.0, 120.0), "good"),
        ((270.0, 180.0, 23.0, 40.0), "small"),
        ((270.0, 180.0, 0.0, 0.0), "small"),
        ((-60.0, 180.0, 100.0, 120.0), "small"),
        ((700.0, 180.0, 100.0, 120.0), "small"),
        ((math.nan, 180.0, 100.0, 120.0), "small"),
        ((270.0, 180.0, math.inf, 120.0), "small"),
        ((-40.0, 180.0, 100.0, 120.0), "good"),
    ],
)
def test_place_and_size(box: tuple[float, ...], expected: str) -> None:
    assert quality.of_place(seen(0), box, FRAME) == expected


def test_a_portrait_is_good_until_it_is_spoilt() -> None:
    grey = face()

    def judged(picture: np.ndarray) -> str:
        return quality.of_picture(picture, quality.light(picture))

    assert judged(grey) == "good"
    assert judged((grey * 0.3).astype(np.uint8)) == "good"
    assert judged((grey * 0.05).astype(np.uint8)) == "dark"
    assert judged(np.full_like(grey, 255)) == "dark"
    assert judged(cv2.GaussianBlur(grey, (0, 0), 4)) == "blurred"
    assert judged(cv2.blur(grey, (15, 1))) == "blurred"
    assert judged(cv2.blur(grey, (1, 15))) == "blurred"


@pytest.mark.parametrize("blur", [(1, 1), (7, 7), (11, 1), (1, 11)])
def test_sharpness_falls_with_blur_and_not_with_light(blur: tuple[int, int]) -> None:
    grey = face()
    spoilt = cv2.blur(grey, blur)
    if blur != (1, 1):
        assert quality.sharpness(spoilt) < 0.7 * quality.sharpness(grey)
    dimmed = np.rint(spoilt * 0.5 + 20).astype(np.uint8)
    assert quality.sharpness(dimmed) == pytest.approx(quality.sharpness(spoilt), rel=0.1)


def test_light_is_the_range_without_its_extremes() -> None:
    grey = np.repeat(np.arange(100, dtype=np.uint8), 100).reshape(100, 100)
    grey[0, :50] = 255  # half of a hundredth
    assert quality.light(grey) == (1.0, 99.0)


pictures = arrays(np.uint8, (16, 16), elements=st.integers(0, 255))


@given(picture=pictures)
def test_lit_keeps_the_order_and_reaches_the_range(picture: np.ndarray) -> None:
    light = quality.light(picture)
    lit = quality.lit(picture, light)
    flat, bright = picture.ravel().astype(int), lit.ravel().astype(int)
    order = np.argsort(flat, kind="stable")
    assert (np.diff(bright[order]) >= 0).all()
    low, high = quality.light(lit)
    if light[1] - light[0] >= 1:
        assert high - low >= min(quality.LIT, light[1] - light[0]) - 1


def test_lit_leaves_a_well_lit_face_alone_and_starts_without_a_step() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    assert quality.lit(ramp, quality.light(ramp)) is ramp
    lit = quality.lit(ramp, (20.0, 20.0 + quality.LIT - 1))
    assert abs(lit.astype(int) - ramp).max() <= 2
