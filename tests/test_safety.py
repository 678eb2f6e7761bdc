"""The governor: whatever is wished, eyes, ears and boilers are safe."""

from __future__ import annotations

import csv
import itertools
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord.colour import luminance, redness
from mirrord.comfort import comfort_band, pmv, ppd
from mirrord.model import Environment, Measured, Mood
from mirrord.mood import affect_at
from mirrord.response import respond
from mirrord.safety import RANGES, VOLUME_PER_S, Governor, Limits

COMFORT = Path(__file__).with_name("data") / "comfort.csv"
BASE = respond(Mood(affect_at(0, 0), "neutral", 0.9, 1, present=True), Measured())
number = st.floats(allow_nan=True, allow_infinity=True)
colour = st.one_of(
    st.sampled_from(["#000000", "#FFFFFF", "#FF0000", "#0000FF"]),
    st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}"),
    st.just("no colour"),
)


@st.composite
def wishes(draw) -> Environment:
    """Any environment at all, sound or not."""
    numbers = {
        name: draw(st.one_of(st.floats(low, high), number))
        for name, (low, high, _) in RANGES.items()
    }
    return replace(
        BASE,
        lighting_color=draw(colour),
        background_color=draw(colour),
        transition_s=draw(number),
        **numbers,
    )


steps = st.lists(
    st.tuples(
        st.floats(0, 0.4), wishes(), st.one_of(st.none(), st.floats(-10, 200), st.just(math.nan))
    ),
    min_size=1,
    max_size=40,
)


def play(sequence, limits: Limits | None = None) -> list[tuple[float, Environment]]:
    governor, now_s, out = Governor(), 100.0, []
    for pause_s, wish, humidity in sequence:
        now_s += pause_s
        out.append((now_s, governor.govern(wish, limits or Limits(), now_s, humidity)))
    return out


def most_reversals(signal: list[tuple[float, float]]) -> int:
    """Count changes of direction, the slow and obvious way; return the most within a second."""
    moves = [(t2, v2 - v1) for (_, v1), (t2, v2) in itertools.pairwise(signal) if v2 != v1]
    turns = [t2 for (_, a), (t2, b) in itertools.pairwise(moves) if a * b < 0]
    return max((sum(t <= other <= t + 1 for other in turns) for t in turns), default=0)


@settings(max_examples=150, deadline=None)
@given(steps, st.floats(0, 60))
def test_whatever_is_wished_is_safe(sequence, fade_s):
    out = play(sequence)
    never_flashes(out)
    is_within_its_range(out)
    assert all(e.transition_s >= 2 for _, e in out)
    assert all(e.transition_s == fade_s for _, e in play(sequence, Limits(fade_s=fade_s)))
    is_comfortable(play([(pause_s, wish, 50.0) for pause_s, wish, _ in sequence]))


def never_flashes(out: list[tuple[float, Environment]]) -> None:
    for measure in (luminance, redness):
        signal = [(t, measure(e.lighting_color) * e.lighting_intensity) for t, e in out]
        assert most_reversals(signal) <= 3


def test_a_strobe_is_held_and_a_slow_change_is_not():
    strobe = [
        (0.05, replace(BASE, lighting_intensity=1.0 if n % 2 else 0.1), None) for n in range(100)
    ]
    strobed = [(t, e.lighting_intensity) for t, e in play(strobe)]
    assert most_reversals(strobed) == 3
    slow = [(2.0, one[1], None) for one in strobe]
    assert [e.lighting_intensity for _, e in play(slow)] == [
        w.lighting_intensity for _, w, _ in slow
    ]


@settings(max_examples=100, deadline=None)
@given(steps, st.floats(0, 0.3), st.floats(0.1, 1))
def test_volume_ramps_and_caps_hold(sequence, volume_cap, brightness_cap):
    out = play(sequence, Limits(volume_cap=volume_cap, brightness_cap=brightness_cap))
    assert out[0][1].audio_volume == 0
    for (before_s, before), (now_s, now) in itertools.pairwise(out):
        rise = abs(now.audio_volume - before.audio_volume)
        assert rise <= VOLUME_PER_S * (now_s - before_s) + 1e-9
    assert all(e.audio_volume <= volume_cap for _, e in out)
    assert all(e.lighting_intensity <= brightness_cap for _, e in out)


def test_mute_is_immediate():
    governor = Governor()
    loud = replace(BASE, audio_volume=0.3)
    for now_s in range(10):
        assert governor.govern(loud, Limits(), now_s).audio_volume <= 0.3
    assert governor.govern(loud, Limits(volume_cap=0), 9.01).audio_volume == 0


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 900), wishes(), st.one_of(st.none(), st.floats(-10, 200))),
        min_size=1,
        max_size=30,
    )
)
def test_the_setpoint_moves_in_half_degrees_minutes_apart_within_comfort(sequence):
    out = play(sequence)
    moved_s = out[0][0]
    for (_, before), (now_s, now) in itertools.pairwise(out):
        change = abs(now.temperature_c - before.temperature_c)
        assert change in (0, 0.5)
        if change:
            assert now_s - moved_s >= 600
            moved_s = now_s
    for _, environment in out:
        assert environment.temperature_c * 2 == int(environment.temperature_c * 2)
        assert 18 <= environment.temperature_c <= 28
        assert environment.humidity_pct % 5 == 0


def is_comfortable(out: list[tuple[float, Environment]]) -> None:
    """At the usual humidity, whatever is wished."""
    for setpoint in {environment.temperature_c for _, environment in out}:
        assert abs(pmv(setpoint, 50)) <= 0.5


def is_within_its_range(out: list[tuple[float, Environment]]) -> None:
    for _, environment in out:
        for name, (low, high, _) in RANGES.items():
            assert low <= getattr(environment, name) <= high, name
        assert len(environment.lighting_color) == 7


def test_a_clock_that_goes_back_is_taken_as_standing():
    governor = Governor()
    loud = replace(BASE, audio_volume=0.3)
    governor.govern(loud, Limits(), 100.0)
    there = governor.govern(loud, Limits(), 101.0).audio_volume
    assert governor.govern(loud, Limits(), 1.0).audio_volume == there


def test_the_vote_equals_the_reference_package():
    """A table written by scripts/comfort_table.py."""
    lines = COMFORT.read_text().splitlines()
    said = [tuple(map(float, row[:4])) for row in csv.reader(lines[1:])]
    assert len(said) == 29 * 9
    for air_c, humidity, vote, dissatisfied in said:
        assert pmv(air_c, humidity) == pytest.approx(vote, abs=0.005)
        assert ppd(pmv(air_c, humidity)) == pytest.approx(dissatisfied, abs=0.3)


def test_the_comfort_band_is_the_published_one():
    low, high = comfort_band(50)
    assert low == pytest.approx(21.5, abs=0.1)
    assert high == pytest.approx(25.3, abs=0.1)
