"""Mirror, counter, guide and still: what each does with a mood, and that nothing ever jumps."""

from __future__ import annotations

import math
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.colour import to_lab
from mirrord.model import MOODS, Affect, Measured, Mood
from mirrord.modes import CHANGE_S, MEETING, STEPS, Aim, Director, guided, led, opposed
from mirrord.mood import CENTRES, REST, affect_at, affect_of
from mirrord.response import respond

unit = st.floats(-1, 1)
MODES = ("mirror", "counter", "guide", "still")
STEP_S = 0.1
# The largest change within a tenth of a second: a crossfade from corner to corner of the plane (2
# in valence, 2 in arousal), in which one mood goes out and another comes in.
MOST = math.sqrt(4 + 4 + 1 + 1) * STEP_S / CHANGE_S + 1e-9


def seen(valence: float, arousal: float) -> Mood:
    return Mood(affect_at(valence, arousal), "happy", 0.9, 1, present=True)


def far(one: Affect, other: Affect) -> float:
    return math.dist(astuple(one), astuple(other))


def expression(name: str) -> Affect:
    shares = dict.fromkeys(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"), 0.0)
    return affect_of(shares | {name: 1.0})


@pytest.mark.parametrize(
    ("name", "answer"),
    [("sad", "joy"), ("angry", "calm"), ("fear", "calm"), ("disgust", "calm"), ("happy", "joy")],
)
def test_countering_opposes_the_unpleasant(name: str, answer: str):
    assert opposed(expression(name)).dominant_emotion == answer


@given(st.floats(0, 1), unit)
def test_countering_leaves_the_pleasant_as_it_is(valence: float, arousal: float):
    assert opposed(affect_at(valence, arousal)) == affect_at(valence, arousal)


@given(unit, unit)
def test_countering_is_never_less_pleasant(valence: float, arousal: float):
    assert opposed(affect_at(valence, arousal)).valence >= max(0.0, valence)


@given(unit, unit, st.floats(-0.005, 0.005), st.floats(-0.005, 0.005))
def test_countering_is_continuous(v: float, a: float, right: float, up: float):
    before, after = opposed(affect_at(v, a)), opposed(affect_at(v + right, a + up))
    moved = math.hypot(after.valence - before.valence, after.arousal - before.arousal)
    assert moved <= 5.1 * math.hypot(right, up) + 1e-9
    here, there = (
        respond(Mood(affect, "sad", 0.9, 1, present=True), Measured()) for affect in (before, after)
    )
    assert math.dist(to_lab(here.lighting_color), to_lab(there.lighting_color)) <= 0.12
    assert abs(here.lighting_intensity - there.lighting_intensity) <= 0.02
    assert abs(here.audio_tempo_bpm - there.audio_tempo_bpm) <= 2.0


@given(unit, unit, st.sampled_from(MOODS))
def test_a_guide_goes_straight_from_the_mood_to_the_goal(v: float, a: float, goal: str):
    start, end = affect_at(v, a), CENTRES[goal]
    assert guided(start, goal, 0.0) == start
    arrived = guided(start, goal, 1.0)
    assert (arrived.valence, arrived.arousal) == pytest.approx(end)
    half = guided(start, goal, 0.5)
    assert half.valence == pytest.approx((start.valence + end[0]) / 2)
    assert half.arousal == pytest.approx((start.arousal + end[1]) / 2)


@pytest.mark.parametrize("goal", MOODS)
def test_every_goal_is_the_mood_that_it_is_called(goal: str):
    assert affect_at(*CENTRES[goal]).dominant_emotion == goal


@given(st.floats(60, 7200), st.floats(0, 8000), st.floats(0, 0.5))
def test_a_guide_meets_first_then_leads_in_small_steps(guide_s: float, at_s: float, more_s: float):
    step, share = led(at_s, guide_s)
    later_step, later = led(at_s + more_s, guide_s)
    assert 0 <= share <= later <= 1
    assert step <= later_step <= STEPS
    assert (share == 0) == (at_s <= MEETING * guide_s) or share < 1e-6
    assert (step - 1) / STEPS - 1e-9 <= share <= step / STEPS + 1e-9
    step_s = (1 - MEETING) * guide_s / STEPS
    assert later - share <= more_s / min(4.0, step_s) / STEPS + 1e-9


@pytest.mark.parametrize("guide_s", [60.0, 600.0, 7200.0])
def test_a_guide_arrives_when_it_said(guide_s: float):
    assert led(guide_s, guide_s) == (STEPS, 1.0)
    assert led(0.99 * (1 - 1 / STEPS) * guide_s, guide_s)[1] < 1


def test_a_guide_shows_how_far_it_is():
    director, aim = Director(), Aim("guide", "calm", 100.0)
    assert director.progress is None
    stages = []
    for tick in range(1100):
        shown = director.show(seen(-0.6, -0.3), aim, tick * STEP_S)
        if not stages or stages[-1] != director.progress.stage:
            stages.append(director.progress.stage)
    assert stages == ["meeting", "leading", "there"]
    assert shown.affect.dominant_emotion == "calm"
    assert (director.progress.step, director.progress.share) == (STEPS, 1.0)
    assert director.progress.seconds_left == 0
    director.show(REST, aim, 111.0)
    assert director.progress.stage == "waiting"


@pytest.mark.parametrize(("away_s", "step"), [(100, 10), (130, 0)])
def test_who_comes_back_soon_is_led_on(away_s: int, step: int):
    director, aim = Director(), Aim("guide", "calm", 100.0)
    for second in range(53):
        director.show(seen(-0.6, -0.3), aim, float(second))
    for second in range(53, 53 + away_s):
        director.show(REST, aim, float(second))
    director.show(seen(-0.6, -0.3), aim, 53.0 + away_s)
    assert director.progress.step == step


def test_a_guide_waits_while_the_room_does_not_follow_and_while_the_machine_sleeps():
    director, aim = Director(), Aim("guide", "joy", 100.0)
    director.show(seen(0, 0), aim, 0.0)
    for tick in range(1, 100):
        director.show(seen(0, 0), aim, tick * 1.0, going=False)
    assert director.progress.seconds_left == pytest.approx(100.0)
    director.show(seen(0, 0), aim, 10_000.0)
    assert director.progress.seconds_left > 97


def test_a_clock_that_goes_back_leads_nobody_back():
    director, aim = Director(), Aim("guide", "joy", 100.0)
    for now_s in (0.0, 1.0, 2.0, -500.0, -499.0):
        director.show(seen(0, 0), aim, now_s)
    assert director.progress.seconds_left == pytest.approx(97.0)


@pytest.mark.parametrize("mode", ["mirror", "still"])
def test_mirroring_and_keeping_still_change_nothing(mode: str):
    director = Director()
    for tick in range(200):
        mood = seen(math.sin(tick / 9), math.cos(tick / 7))
        assert director.show(mood, Aim(mode), tick * STEP_S) == mood


def test_nobody_there_is_passed_on():
    assert Director().show(REST, Aim("counter"), 0.0) is REST


@given(
    st.lists(st.tuples(st.sampled_from(MODES), st.sampled_from(MOODS)), min_size=2, max_size=6),
    unit,
    unit,
)
def test_no_change_of_mode_or_goal_makes_a_jump(aims, valence: float, arousal: float):
    director, now_s = Director(), 0.0
    shown = director.show(seen(valence, arousal), Aim(), now_s).affect
    for mode, goal in aims:
        for _ in range(13):  # in the middle of the crossfade, too
            now_s += STEP_S
            after = director.show(seen(valence, arousal), Aim(mode, goal, 60.0), now_s).affect
            assert far(shown, after) <= MOST
            shown = after


def test_a_change_after_a_silence_begins_where_the_room_is():
    director = Director()
    sad = director.show(seen(-0.6, -0.3), Aim(), 0.0).affect
    director.show(seen(-0.6, -0.3), Aim(), 10.0)
    assert director.show(seen(-0.6, -0.3), Aim("counter"), 20.0).affect == sad
    assert director.show(seen(-0.6, -0.3), Aim("counter"), 30.0).affect != sad


@given(
    st.lists(st.tuples(unit, unit), min_size=1, max_size=20),
    st.lists(st.tuples(st.sampled_from(MODES), st.sampled_from(MOODS)), min_size=1, max_size=20),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20),
)
def test_whatever_comes_is_a_mood(places, aims, times):
    director = Director()
    for (valence, arousal), (mode, goal), now_s in zip(places, aims, times, strict=False):
        shown = director.show(seen(valence, arousal), Aim(mode, goal), now_s).affect
        assert all(math.isfinite(one) for one in astuple(shown))
        assert max(abs(shown.valence), abs(shown.arousal)) <= 1
        assert all(0 <= getattr(shown, name) <= 1 + 1e-9 for name in MOODS)
