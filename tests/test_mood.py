"""The mood: bounded, continuous, the same at any frame rate, indifferent to the order of faces."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.config import MoodSettings
from mirrord.model import EXPRESSIONS, MOODS, UNSURE, Reading
from mirrord.mood import REST, TABLES, MoodTracker, affect_at, affect_by_hand, affect_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
unit = st.floats(-1, 1)
share = st.floats(0, 1)
shares = st.lists(st.floats(0.001, 1), min_size=7, max_size=7).map(
    lambda weights: {n: w / sum(weights) for n, w in zip(EXPRESSIONS, weights, strict=True)}
)


def reading(expressions: dict[str, float], confidence: float = 0.9, track: int = 1) -> Reading:
    best = max(EXPRESSIONS, key=lambda name: expressions[name])
    return Reading(NOW, track, expressions, best, confidence, affect_of(expressions))


def only(name: str, by: float = 1.0) -> dict[str, float]:
    rest = (1 - by) / 6
    return {one: by if one == name else rest for one in EXPRESSIONS}


@pytest.mark.parametrize(
    ("valence", "arousal", "mood"),
    [
        (0.8, 0.5, "joy"),
        (0.9, 0.1, "joy"),
        (0.7, -0.6, "calm"),
        (0.2, -0.9, "calm"),
        (-0.5, 0.6, "energy"),
        (-0.6, 0.3, "energy"),
        (0.1, 0.9, "energy"),
        (-0.7, -0.4, "melancholy"),
        (-0.2, -0.8, "melancholy"),
        (0.0, 0.0, "calm"),
    ],
)
def test_the_four_moods_are_quadrants_of_the_plane(valence: float, arousal: float, mood: str):
    assert affect_at(valence, arousal).dominant_emotion == mood


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ["angry", "fear", "disgust"])
def test_unpleasant_arousal_never_comes_out_as_joy(table: str, name: str):
    affect = affect_of(only(name), table)
    assert affect.dominant_emotion == "energy"
    assert affect.joy < 0.1


@given(unit, unit)
def test_moods_are_bounded(valence: float, arousal: float):
    affect = affect_at(valence, arousal)
    assert all(0 <= getattr(affect, mood) <= 1 for mood in MOODS)
    assert affect.emotion_intensity == max(getattr(affect, mood) for mood in MOODS)


@given(unit, unit, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_moods_are_continuous(valence: float, arousal: float, right: float, up: float):
    here, there = affect_at(valence, arousal), affect_at(valence + right, arousal + up)
    for mood in MOODS:
        assert abs(getattr(here, mood) - getattr(there, mood)) <= 0.05


@given(st.floats(), st.floats())
def test_no_number_in_is_no_number_out(valence: float, arousal: float):
    affect = affect_at(valence, arousal)
    assert all(math.isfinite(getattr(affect, name)) for name in (*MOODS, "valence", "arousal"))


@given(share, share, share, share)
def test_a_mood_by_hand_keeps_its_four_numbers(j: float, c: float, e: float, m: float):
    affect = affect_by_hand(j, c, e, m)
    assert (affect.joy, affect.calm, affect.energy, affect.melancholy) == (j, c, e, m)
    assert -1 <= affect.valence <= 1
    assert -1 <= affect.arousal <= 1


def run(rate: float, seconds: float, first: str, then: str) -> MoodTracker:
    """Show `first` for `seconds`, `then` for as long, at `rate` frames a second."""
    tracker = MoodTracker(MoodSettings(smoothing_s=1.0))
    for step in range(round(2 * seconds * rate) + 1):
        now_s = step / rate
        name = first if now_s < seconds else then
        tracker.see([reading(only(name, 0.8))], 1, now_s)
    return tracker


@given(st.sampled_from([(3, 15), (5, 30), (2, 4)]), st.sampled_from(EXPRESSIONS))
def test_the_same_at_any_frame_rate(rates: tuple[int, int], then: str):
    slow, fast = (run(rate, 2.0, "sad", then).at(4.0).affect for rate in rates)
    # The slow camera sees the change up to a frame later: the filter's own lag bounds it.
    assert slow.valence == pytest.approx(fast.valence, abs=0.1)
    assert slow.arousal == pytest.approx(fast.arousal, abs=0.1)


@given(st.lists(st.tuples(shares, st.floats(0, 1)), min_size=2, max_size=5), st.randoms())
def test_the_order_of_faces_is_irrelevant(faces, random):
    readings = [reading(one, confidence, n) for n, (one, confidence) in enumerate(faces)]
    shuffled = random.sample(readings, len(readings))
    moods = []
    for order in (readings, shuffled):
        tracker = MoodTracker(MoodSettings())
        tracker.see(order, len(order), 0.0)
        moods.append(tracker.see(order, len(order), 0.5))
    assert moods[0] == moods[1]


@given(
    st.lists(
        st.tuples(st.floats(0, 30), st.lists(shares, max_size=3), st.integers(0, 3)), max_size=30
    )
)
def test_any_sequence_gives_a_bounded_mood(frames):
    tracker = MoodTracker(MoodSettings())
    now_s = 0.0
    for pause_s, faces, more in frames:
        now_s += pause_s
        mood = tracker.see([reading(one) for one in faces], len(faces) + more, now_s)
        assert -1 <= mood.affect.valence <= 1
        assert all(0 <= getattr(mood.affect, name) <= 1 for name in MOODS)
        assert mood.present == (mood.people > 0)


def test_unsure_holds_the_mood():
    tracker = MoodTracker(MoodSettings())
    happy = tracker.see([reading(only("happy"))], 1, 0.0)
    unsure = Reading(NOW, 1, only("sad", 0.3), UNSURE, 0.2, affect_of(only("sad", 0.3)))
    held = tracker.see([unsure], 1, 1.0)
    assert (held.affect, held.expression) == (happy.affect, "happy")


def test_a_flicker_does_not_change_the_name_but_a_true_change_shows_within_a_second():
    tracker = MoodTracker(MoodSettings())
    names = set()
    for step in range(50):
        name = "sad" if step % 4 == 3 else "happy"
        names.add(tracker.see([reading(only(name, 0.8))], 1, step / 10).expression)
    assert names == {"happy"}
    at = [
        step / 10
        for step in range(50, 70)
        if tracker.see([reading(only("sad", 0.8))], 1, step / 10).expression == "sad"
    ]
    assert at
    assert at[0] - 5.0 <= 1.0


def test_presence_outlasts_a_glance_away_and_then_everything_is_forgotten():
    tracker = MoodTracker(MoodSettings(grace_s=5))
    tracker.see([reading(only("happy"))], 1, 0.0)
    assert tracker.see([], 0, 4.9).present
    assert tracker.see([], 0, 5.1) == REST
    back = tracker.see([reading(only("sad"))], 1, 6.0)
    assert back.expression == "sad"
    assert back.affect.valence < -0.5


def test_a_clock_that_stands_or_goes_back_corrupts_nothing():
    tracker = MoodTracker(MoodSettings())
    for now_s in (10.0, 10.0, 3.0, 11.0):
        mood = tracker.see([reading(only("happy"))], 1, now_s)
        assert math.isfinite(mood.affect.valence)
        assert mood.present
