"""Faces followed between detections, and the numbers they keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.vision.detector import Detector, Face
from mirrord.vision.models import detector_path
from mirrord.vision.motion import Motion, difference, face_patch, grey_of
from mirrord.vision.pace import MOVED
from mirrord.vision.tracker import Tracker, overlap
from tests.fakes.faces import placed, portrait, side_by_side, wall


@pytest.fixture(scope="module")
def detector():
    return Detector(detector_path())


def seen(tracker, detector, frame, now_s):
    grey, _ = grey_of(frame)
    return tracker.detected(detector.find(frame), grey, now_s)


def at(x, y, size=100.0):
    spots = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)], np.float32)
    return Face((x, y, size, size), spots * size + (x, y), 0.9)


def numbers(tracks):
    return [track.number for track in tracks]


GREY = np.zeros((240, 320), np.uint8)


def test_the_flow_takes_a_face_where_the_detector_finds_it(detector):
    tracker = Tracker()
    (first,) = seen(tracker, detector, placed(0.8), 0.0)
    for step in range(1, 10):  # 36 px to the right, 27 down, nearer by a tenth, and tilting
        frame = placed(0.8 * (1 + 0.011 * step), 4.0 * step, 3.0 * step, 1.2 * step)
        grey, scale = grey_of(frame)
        (track,) = tracker.follow(grey, scale, 0.1 * step)
        assert track.number == first.number
    (found,) = detector.find(frame)
    assert overlap(track.face.box, found.box) > 0.8
    assert track.face.landmarks == pytest.approx(found.landmarks, abs=5)


def test_a_face_that_stays_stays(detector):
    tracker = Tracker()
    frame = portrait().picture
    (first,) = seen(tracker, detector, frame, 0.0)
    grey, scale = grey_of(frame)
    for step in range(50):
        (track,) = tracker.follow(grey, scale, 0.1 * step)
    assert track.face.box == pytest.approx(first.face.box, abs=1)
    assert track.face.landmarks == pytest.approx(first.face.landmarks, abs=1)


def test_a_face_that_is_gone_is_not_followed_into_the_wall(detector):
    tracker = Tracker()
    seen(tracker, detector, placed(0.6), 0.0)
    assert tracker.follow(*grey_of(wall()), 0.1) is None


def test_a_cut_to_another_picture_is_not_followed(detector):
    tracker = Tracker()
    seen(tracker, detector, portrait().picture, 0.0)
    grey, scale = grey_of(portrait().picture[:200, :200])
    assert tracker.follow(grey, scale, 0.1) is None


def test_nothing_to_follow():
    tracker = Tracker()
    assert tracker.follow(GREY, 0.5, 0.0) is None  # nobody has looked yet
    tracker.detected([], GREY, 0.0)
    assert tracker.follow(GREY, 0.5, 0.1) == []


def test_two_faces_keep_their_numbers_whatever_the_order(detector):
    tracker = Tracker()
    frame = side_by_side(2)
    first = {round(one.face.box[0] / 640): one.number for one in seen(tracker, detector, frame, 0)}
    assert len(first) == 2
    faces = detector.find(frame)[::-1]
    again = tracker.detected(faces, grey_of(frame)[0], 0.5)
    assert {round(one.face.box[0] / 640): one.number for one in again} == first


def test_a_face_that_was_missed_for_a_moment_keeps_its_number_and_not_for_long():
    tracker = Tracker()
    (number,) = numbers(tracker.detected([at(50, 50)], GREY, 0.0))
    assert tracker.detected([], GREY, 0.5) == []
    assert numbers(tracker.detected([at(60, 50)], GREY, 1.0)) == [number]
    tracker.detected([], GREY, 1.5)
    assert numbers(tracker.detected([at(60, 50)], GREY, 9.0)) != [number]


def test_a_quick_step_to_the_side_is_the_same_face_and_another_place_another():
    tracker = Tracker()
    (number,) = numbers(tracker.detected([at(50, 50)], GREY, 0.0))
    assert numbers(tracker.detected([at(95, 55)], GREY, 0.3)) == [number]
    assert numbers(tracker.detected([at(250, 55)], GREY, 0.6)) != [number]
    assert numbers(tracker.detected([at(250, 55, 40.0)], GREY, 0.9)) != [number]


BOXES = st.tuples(st.floats(0, 500), st.floats(0, 400), st.floats(10, 300))


@given(st.lists(st.lists(BOXES, max_size=6), max_size=6))
def test_no_number_is_given_twice_at_a_time(frames):
    tracker = Tracker()
    for step, boxes in enumerate(frames):
        found = numbers(tracker.detected([at(*box) for box in boxes], GREY, 0.3 * step))
        assert len(set(found)) == len(found) == len(boxes)


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_within_its_bounds(one, other):
    a, b = at(*one).box, at(*other).box
    assert overlap(a, b) == pytest.approx(overlap(b, a))
    assert 0 <= overlap(a, b) <= 1
    assert overlap(a, a) == pytest.approx(1)


def shown(motion, frame):
    return motion.changed(grey_of(frame)[0])


def test_noise_and_a_lamp_that_is_dimmed_are_no_movement():
    motion = Motion()
    assert shown(motion, wall()) == 1.0  # nothing to compare with: look
    noisy = np.clip(wall() + np.random.default_rng(2).normal(0, 6, (480, 640, 3)), 0, 255)
    assert shown(motion, noisy.astype(np.uint8)) < MOVED
    assert shown(motion, wall(level=110)) < MOVED


def test_somebody_small_who_comes_in_is_movement():
    motion = Motion()
    shown(motion, wall())
    assert shown(motion, placed(0.3)) > MOVED


def test_slow_movement_adds_up():
    motion = Motion()
    shown(motion, placed(0.5))
    shares = [shown(motion, placed(0.5, right=step)) for step in range(0, 30)]
    assert shares[0] < MOVED
    assert shares[-1] > MOVED
    motion.remember(grey_of(placed(0.5, right=29))[0])
    assert shown(motion, placed(0.5, right=29)) < MOVED


def test_a_patch_changes_with_the_expression_and_not_with_noise():
    rendered = portrait()
    box = (240.0, 118.0, 171.0, 213.0)
    noise = np.random.default_rng(3).normal(0, 4, rendered.picture.shape)
    noisy = np.clip(rendered.picture + noise, 0, 255).astype(np.uint8)
    surprised = rendered.render({"jaw_down": 0.2, "lower_lip_down": 0.2, "mouth_dark": 1.0})
    patches = [
        face_patch(*(grey_of(one)[0], box, grey_of(one)[1]))
        for one in (rendered.picture, noisy, surprised)
    ]
    assert difference(patches[0], patches[1]) < 1.5 < difference(patches[0], patches[2])
