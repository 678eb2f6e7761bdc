"""The response: within the promised ranges, continuous, made of the moods' own hues."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.colour import from_lab, mix, to_lab
from mirrord.model import Environment, Measured, Mood
from mirrord.mood import affect_at, affect_by_hand
from mirrord.response import COLOURS, PATTERNS, TONES, respond
from mirrord.safety import RANGES

unit = st.floats(-1, 1)
share = st.floats(0, 1)
WORDS = {"audio_tone", "visual_pattern", "air_quality", "present", "captured_ns"}


def room(affect, **measured) -> Environment:
    return respond(Mood(affect, "happy", 0.9, 1, present=True), Measured(**measured))


@given(unit, unit)
def test_every_number_is_within_its_range(valence: float, arousal: float):
    environment = room(affect_at(valence, arousal))
    for name, (low, high, _) in RANGES.items():
        assert low <= getattr(environment, name) <= high, name


def distance(here: Environment, there: Environment, name: str) -> float:
    """Return the change of one field as a share of its whole range."""
    one, other = getattr(here, name), getattr(there, name)
    if name.endswith("_color"):
        return math.dist(to_lab(one), to_lab(other))
    low, high, _ = RANGES.get(name, (0, 1, 0))
    return abs(one - other) / (high - low)


@given(unit, unit, st.floats(-0.005, 0.005), st.floats(-0.005, 0.005))
def test_a_small_change_of_mood_is_a_small_change_of_everything(v, a, right, up):
    here, there = room(affect_at(v, a)), room(affect_at(v + right, a + up))
    for field in fields(Environment):
        if field.name not in WORDS and field.name != "devices":  # those are a person's
            assert distance(here, there, field.name) <= 0.04, field.name


@given(share, share, share, share, st.sampled_from(["joy", "calm", "energy", "melancholy"]))
def test_no_jump_where_the_leading_mood_changes(j, c, e, m, moved):
    moods = {"joy": j, "calm": c, "energy": e, "melancholy": m}
    nudged = moods | {moved: min(1.0, moods[moved] + 0.005)}
    here, there = room(affect_by_hand(**moods)), room(affect_by_hand(**nudged))
    assert distance(here, there, "lighting_color") <= 0.05


@pytest.mark.parametrize("mood", COLOURS)
def test_a_pure_mood_has_its_own_colour_word_and_pattern(mood: str):
    moods = dict.fromkeys(COLOURS, 0.0) | {mood: 1.0}
    environment = room(affect_by_hand(**moods))
    nearest = min(
        COLOURS,
        key=lambda name: math.dist(to_lab(COLOURS[name]), to_lab(environment.lighting_color)),
    )
    assert nearest == mood
    assert environment.audio_tone == TONES[mood]
    assert environment.visual_pattern == PATTERNS[mood]


def test_opposites_blend_through_white_not_through_a_foreign_hue():
    light, green_red, blue_yellow = mix([(COLOURS["joy"], 1), (COLOURS["melancholy"], 1)])
    pure = [math.hypot(*to_lab(COLOURS[name])[1:]) for name in ("joy", "melancholy")]
    assert math.hypot(green_red, blue_yellow) < 0.45 * min(pure)
    assert light > 0.5


def test_pleasant_sounds_major_and_quiet_sounds_slow():
    happy, sad = room(affect_at(0.8, 0.5)), room(affect_at(-0.6, -0.3))
    assert happy.audio_major > 0.8
    assert sad.audio_major < 0.2
    assert happy.audio_tempo_bpm > sad.audio_tempo_bpm
    assert happy.audio_frequency_hz > sad.audio_frequency_hz


def test_air_quality_is_measured_or_absent():
    affect = affect_at(0.5, 0.5)
    assert room(affect).air_quality is None
    assert room(affect, air_quality="moderate").air_quality == "moderate"


def test_the_warmth_follows_the_persons_own_comfort():
    mood = Mood(affect_at(0, 0), "neutral", 0.9, 1, present=True)
    assert respond(mood, Measured(), comfort_c=21.0).temperature_c == pytest.approx(21.0)


def test_nobody_there_is_said():
    mood = Mood(affect_at(0.8, 0.5), "happy", 0.9, 0, present=False)
    environment = respond(mood, Measured())
    assert not environment.present
    assert environment.visual_pattern == "ambient_float"


@given(st.integers(0, 0xFFFFFF))
def test_a_colour_survives_oklab(value: int):
    colour = f"#{value:06X}"
    assert from_lab(to_lab(colour)) == colour


@pytest.mark.parametrize("text", ["", "#12345", "123456", "#GGGGGG"])
def test_what_is_no_colour_is_refused(text: str):
    with pytest.raises(ValueError, match=r"expected #RRGGBB|invalid literal"):
        to_lab(text)


def test_environments_compare_by_value():
    environment = room(affect_at(0.1, 0.1))
    assert replace(environment) == environment
