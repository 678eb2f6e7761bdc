"""The demo's film, seen by the real detector and the real classifier."""

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.errors import MirrorError
from mirrord.mood import affect_of
from mirrord.simulator.clip import (
    FPS,
    LENGTH_S,
    SCENES,
    expression_at,
    expressions,
    make_clip,
    pose_at,
)
from mirrord.simulator.portrait import MOVES, PAINTS, Portrait
from mirrord.vision.classifier import load
from mirrord.vision.detector import Detector
from mirrord.vision.models import detector_path


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    told: list[float] = []
    path = make_clip(tmp_path_factory.mktemp("film") / "cache", told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    return path


@pytest.fixture(scope="module")
def judged(film):
    """What is seen at each half second: (time, expression, affect), None for nobody."""
    detector, classifier = Detector(detector_path()), load("fused")
    capture = cv2.VideoCapture(str(film), cv2.CAP_OPENCV_MJPEG)
    seen = []
    number = 0
    while True:
        found, frame = capture.read()
        if not found:
            break
        if number % 5 == 0:
            faces = detector.find(frame)
            assert len(faces) <= 1
            judgement = classifier.judge(frame, faces[0].landmarks, faces[0].box) if faces else None
            seen.append((number / FPS, judgement))
        number += 1
    capture.release()
    assert number == round(LENGTH_S * FPS)
    return seen


def test_each_scene_is_seen_as_what_it_is(judged):
    """For several seconds each, and nobody where nobody is."""
    agreed: Counter[str | None] = Counter()
    for at_s, judgement in judged:
        wanted = expression_at(at_s)
        if expression_at(at_s - 1.0) != wanted:
            continue  # a change is under way
        assert (judgement is None) == (wanted is None)
        if judgement is not None:
            assert judgement.quality == "good"
            agreed[wanted] += judgement.expression == wanted
    assert {name for name, count in agreed.items() if count * 0.5 >= 4.0} == {
        name for name, _ in SCENES if name
    }


def test_the_film_visits_all_four_moods(judged):
    moods = Counter(
        affect_of(judgement.expressions).dominant_emotion
        for _, judgement in judged
        if judgement is not None and judgement.expressions
    )
    assert {mood for mood, count in moods.items() if count * 0.5 >= 3.0} == {
        "joy",
        "calm",
        "energy",
        "melancholy",
    }


def test_the_film_is_made_once(film):
    before = film.stat().st_mtime_ns
    assert make_clip(film.parent) == film
    assert film.stat().st_mtime_ns == before
    assert list(film.parent.iterdir()) == [film]


def test_a_directory_that_cannot_be_written_is_named(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(MirrorError, match=str(in_the_way)):
        make_clip(in_the_way / "cache")


@given(st.floats(0, LENGTH_S))
def test_nothing_jumps_but_the_eyelids(at_s):
    faces = expressions()
    one, other = pose_at(at_s, faces), pose_at((at_s + 0.01) % LENGTH_S, faces)
    names = {*one.face, *other.face} - {"upper_lids_down"}
    if one.there and other.there:
        for name in names:
            assert abs(one.face.get(name, 0) - other.face.get(name, 0)) < 0.03
    assert abs(one.there - other.there) < 0.03
    assert one.head == pytest.approx(other.head, abs=0.4)
    assert one.light == pytest.approx(other.light, abs=0.002)


def test_every_expression_is_made_of_known_movements():
    for face in expressions().values():
        assert set(face) <= {*MOVES, *PAINTS}
    assert {name for name, _ in SCENES if name} <= set(expressions())


def test_the_portrait_at_rest_is_the_photograph():
    portrait = Portrait()
    assert np.array_equal(portrait.render({}), portrait.picture)
    moved = portrait.render({"jaw_down": 0.2})
    assert not np.array_equal(moved, portrait.picture)
    assert np.array_equal(moved[:60], portrait.picture[:60])  # what is far away does not move


def test_the_notice_travels_with_the_picture():
    notice = Path(str(expressions.__code__.co_filename)).parent / "data" / "NOTICE.md"
    assert "public" in notice.read_text()
