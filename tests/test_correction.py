"""Corrections help where the classifier is wrong by habit, and can never make the mirror swing."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.correction import BOUND, NEWEST, PRIOR, Calibration, Correction, fit, fit_at
from mirrord.model import EXPRESSIONS
from mirrord.mood import affect_of

START = datetime(2026, 3, 1, tzinfo=UTC)
SAD, HAPPY, NEUTRAL = (EXPRESSIONS.index(name) for name in ("sad", "happy", "neutral"))
# How often people at home look like what (and so what a household corrects).
HOME = np.array([0.05, 0.03, 0.04, 0.25, 0.10, 0.05, 0.48])

weights = st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda found: sum(found) > 0.01)
shares = weights.map(
    lambda found: {name: one / sum(found) for name, one in zip(EXPRESSIONS, found, strict=True)}
)
corrections = st.lists(st.tuples(shares, st.sampled_from(EXPRESSIONS), st.booleans()), max_size=40)


def correction(seen: dict[str, float], should_be: str, second: int = 0, undone: bool = False):
    at = START + timedelta(seconds=second)
    return Correction(f"{second:05}", at, seen, should_be, at if undone else None)


def looks(**leading: float) -> dict[str, float]:
    rest = (1 - sum(leading.values())) / (7 - len(leading))
    return {name: leading.get(name, rest) for name in EXPRESSIONS}


def classified(seed: int, habit: np.ndarray, faces: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities (faces, 7) of a classifier with a habit, and what the faces were."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(7, faces, p=HOME)
    logits = rng.normal(0, 1, (faces, 7)) + habit
    logits[np.arange(faces), truth] += 2.2
    found = np.exp(logits)
    return found / found.sum(axis=1, keepdims=True), truth


def right(found: np.ndarray, truth: np.ndarray, calibration: Calibration) -> float:
    return float((np.argmax(found * np.exp(calibration.offsets), axis=1) == truth).mean())


def corrected(seed: int, habit: np.ndarray, number: int) -> Calibration:
    """Return what a household teaches that corrects the first mistakes that it sees."""
    found, truth = classified(seed, habit)
    wrong = np.flatnonzero(found.argmax(axis=1) != truth)[:number]
    return fit(
        [
            correction(
                dict(zip(EXPRESSIONS, found[face].tolist(), strict=True)),
                EXPRESSIONS[truth[face]],
                second,
            )
            for second, face in enumerate(wrong)
        ]
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("number", "gain"), [(5, 0.02), (10, 0.05), (30, 0.09)])
def test_corrections_help_where_a_habit_is_wrong(seed: int, number: int, gain: float):
    habit = np.zeros(7)
    habit[SAD] = 1.2  # a resting face looks sad to it
    found, truth = classified(100 + seed, habit)
    after = right(found, truth, corrected(seed, habit, number))
    assert after >= right(found, truth, Calibration()) + gain


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("number", [1, 10, 100])
def test_corrections_do_no_harm_where_there_is_no_habit(seed: int, number: int):
    found, truth = classified(100 + seed, np.zeros(7))
    after = right(found, truth, corrected(seed, np.zeros(7), number))
    assert after >= right(found, truth, Calibration()) - 0.01


@given(corrections, shares)
@settings(max_examples=60)
def test_any_sequence_leaves_probabilities_within_the_bound(sequence, seen: dict[str, float]):
    given_ = [correction(one, name, at, undone) for at, (one, name, undone) in enumerate(sequence)]
    after = fit(given_).apply(seen)
    assert math.fsum(after.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in after.values())
    moved = 0.5 * sum(abs(after[name] - seen[name]) for name in EXPRESSIONS)
    assert moved <= math.tanh(BOUND / 2) + 1e-9
    swing = math.tanh(BOUND / 2) * 2 * 0.81  # the widest pair of expressions in valence is 1.45
    assert abs(affect_of(after).valence - affect_of(seen).valence) <= swing


@given(shares, st.sampled_from(EXPRESSIONS), shares)
def test_a_single_correction_changes_little(seen, should_be: str, other):
    calibration = fit([correction(seen, should_be)])
    assert math.hypot(*calibration.offsets) <= math.sqrt(2) / PRIOR + 1e-9
    after = calibration.apply(other)
    assert max(abs(after[name] - other[name]) for name in EXPRESSIONS) <= 0.09


@given(corrections, st.tuples(shares, st.sampled_from(EXPRESSIONS)))
@settings(max_examples=60)
def test_one_more_correction_never_makes_a_leap(sequence, more):
    given_ = [correction(one, name, at) for at, (one, name, _) in enumerate(sequence)]
    before = fit(given_).offsets
    after = fit([*given_, correction(*more, len(given_))]).offsets
    assert math.dist(before, after) <= math.sqrt(2) / PRIOR + 1e-6


def test_several_alike_are_needed_to_change_the_name():
    seen = looks(sad=0.5, neutral=0.3)
    names = []
    for number in range(9):
        calibration = fit([correction(seen, "neutral", at) for at in range(number)])
        names.append(calibration.judge(seen, "sad", 0.6)[1])
    assert names[:2] == ["sad", "sad"]
    assert names[-1] == "neutral"
    assert names == sorted(names, reverse=True)  # once turned, it stays so


def test_a_clear_face_keeps_its_name_whatever_was_corrected():
    wrong = [correction(looks(sad=0.9), "happy", at) for at in range(150)]
    clear = looks(sad=0.78, happy=0.17)
    assert clear["sad"] > math.exp(2 * BOUND) * clear["happy"]
    assert fit(wrong).judge(clear, "sad", 0.8)[1] == "sad"


def test_contradicting_corrections_cancel():
    seen = looks(sad=0.45, happy=0.45)
    both = [correction(seen, ("sad", "happy")[at % 2], at) for at in range(40)]
    offsets = fit(both).offsets
    assert offsets[SAD] == pytest.approx(offsets[HAPPY], abs=1e-6)
    after = fit(both).apply(seen)
    assert after["sad"] == pytest.approx(after["happy"])
    opposite = [
        correction(looks(sad=0.6, happy=0.2), "happy"),
        correction(looks(happy=0.6, sad=0.2), "sad"),
    ]
    assert abs(np.subtract(*np.array(fit(opposite).offsets)[[SAD, HAPPY]])) < 1e-9


def test_undoing_one_or_all_forgets_them():
    seen = looks(sad=0.5, neutral=0.3)
    kept = [correction(seen, "neutral", at) for at in range(5)]
    undone = [correction(seen, "angry", at, undone=True) for at in range(5, 9)]
    assert fit([*kept, *undone]) == fit(kept)
    assert fit(undone) == Calibration()
    assert Calibration().apply(seen) == seen


def test_the_order_of_arrival_does_not_matter_and_only_the_newest_count():
    old = [correction(looks(sad=0.5), "angry", at) for at in range(NEWEST)]
    new = [correction(looks(sad=0.5), "neutral", 1000 + at) for at in range(NEWEST)]
    assert fit([*new, *old]) == fit([*old, *new]) == fit(new)


def test_how_it_was_at_any_time_can_be_told():
    seen = looks(sad=0.5, neutral=0.3)
    at = [START + timedelta(hours=hour) for hour in range(4)]
    taken_back = Correction("b", at[1], seen, "angry", undone=at[2])
    history = [Correction("a", at[0], seen, "neutral"), taken_back]
    assert fit_at(history, at[0] - timedelta(seconds=1)) == Calibration()
    assert fit_at(history, at[0]).corrections == 1
    assert fit_at(history, at[1]).corrections == 2
    assert fit_at(history, at[3]) == fit(history)


@given(corrections, shares)
@settings(max_examples=40)
def test_what_was_seen_can_be_told_again(sequence, seen):
    calibration = fit([correction(one, name, at) for at, (one, name, _) in enumerate(sequence)])
    back = calibration.take_back(calibration.apply(seen))
    assert all(back[name] == pytest.approx(seen[name], abs=1e-9) for name in EXPRESSIONS)


def test_unsure_stays_unsure_and_confidence_follows():
    calibration = fit([correction(looks(sad=0.5, neutral=0.3), "neutral", at) for at in range(9)])
    assert calibration.judge(looks(sad=0.3, neutral=0.2), "unsure", 0.3)[1:] == ("unsure", 0.3)
    _, name, confidence = calibration.judge(looks(sad=0.9), "sad", 0.8)
    assert name == "sad"
    assert 0.5 < confidence < 0.8
    assert calibration.judge(looks(neutral=0.99), "neutral", 1.0)[2] <= 1
    nothing = dict.fromkeys(EXPRESSIONS, 0.0)
    assert math.fsum(calibration.apply(nothing).values()) == pytest.approx(1)
