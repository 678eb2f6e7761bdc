"""What the composer plays: modes, chords, voicings, melodies. No sound here."""

from __future__ import annotations

import math
import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrord_audio.composer import Composer, Harmony, Strike
from mirrord_audio.harmony import (
    FARTHEST,
    MODES,
    Chord,
    chords,
    enriched,
    mode_for,
    next_chord,
    rubs,
)
from mirrord_audio.melody import ladder
from mirrord_audio.sound import Sound
from mirrord_audio.voicing import BASS_HIGH_HZ, BASS_LOW_HZ, frequency, voice

STEP_S = 0.02
JOY = Sound(tonic_hz=330.0, volume=0.2, major=1.0, tempo_bpm=110.0, articulation=0.5)
SAD = Sound(tonic_hz=150.0, volume=0.1, major=0.0, tempo_bpm=55.0, articulation=0.1)
tonics = st.floats(100.0, 1000.0)
modes = st.sampled_from(range(len(MODES)))
seeds = st.integers(0, 2**32)


def played(sound: Sound, seconds: float, seed: int = 1) -> list[Harmony | Strike]:
    composer = Composer(random.Random(seed))
    return [e for _ in range(int(seconds / STEP_S)) for e in composer.advance(STEP_S, sound)]


def semitones(hz: float, tonic_hz: float) -> int:
    return round(12.0 * math.log2(hz / tonic_hz))


def test_each_mode_raises_one_degree_of_the_one_before() -> None:
    for dark, bright in pairwise(MODES):
        changes = [high - low for low, high in zip(dark, bright, strict=True) if high != low]
        assert changes == [1]


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_major_never_means_a_darker_mode(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert mode_for(low) <= mode_for(high)
    assert (mode_for(0.0), mode_for(1.0)) == (0, len(MODES) - 1)


def test_a_mood_on_the_border_of_two_modes_does_not_flap() -> None:
    at = mode_for(0.48)
    seen = set()
    for step in range(200):
        at = mode_for(0.5 + 0.03 * (-1) ** step, at)
        seen.add(at)
    assert len(seen) == 1


@given(modes, seeds)
def test_no_tone_of_a_chord_rubs_against_another_or_the_drone(mode: int, seed: int) -> None:
    for chord in chords(mode):
        tones = {0, *enriched(chord, mode, random.Random(seed)).tones}
        assert not any(rubs(one, other) for one, other in combinations(tones, 2))
        assert tones <= {0, *MODES[mode]}


@given(modes, seeds)
def test_the_music_comes_home_and_never_repeats_a_chord_at_once(mode: int, seed: int) -> None:
    rng, chord, away, longest = random.Random(seed), None, 0, 0
    for _ in range(100):
        following = next_chord(mode, chord, away, rng)
        assert chord is None or following.degree != chord.degree
        chord = following
        away = 0 if chord.degree == 0 else away + 1
        longest = max(longest, away)
    assert longest <= FARTHEST


@given(modes, tonics, seeds)
@settings(deadline=None)
def test_voicings_are_wide_enough_to_be_clear(mode: int, tonic_hz: float, seed: int) -> None:
    rng = random.Random(seed)
    chord, body = None, ()
    for _ in range(6):
        chord = enriched(next_chord(mode, chord, 1, rng), mode, rng)
        voicing = voice(chord, tonic_hz, body)
        body = voicing.body
        assert sorted(tone % 12 for tone in body) == sorted(chord.tones)
        assert all(high - low >= 2 for low, high in pairwise(body))
        assert BASS_LOW_HZ * 0.99 <= frequency(tonic_hz, voicing.bass) <= BASS_HIGH_HZ
        assert voicing.bass <= -5 or voicing.bass == 0
        assert frequency(tonic_hz, body[0]) >= 164.0
        assert frequency(tonic_hz, body[-1]) <= 1300.0


@given(modes, tonics)
def test_the_melody_has_tones_enough_and_none_that_rubs(mode: int, tonic_hz: float) -> None:
    for chord in chords(mode):
        rungs = ladder(chord, mode, tonic_hz)
        assert len(rungs) >= 5
        assert frequency(tonic_hz, rungs[0]) >= 320.0
        assert frequency(tonic_hz, rungs[-1]) <= 2700.0
        assert not any(rubs(tone, other) for tone in rungs for other in chord.tones)


def test_joy_is_major_and_busy_and_sadness_minor_and_sparse() -> None:
    joy, sad = played(JOY, 120.0), played(SAD, 120.0)
    thirds = {
        name: {
            semitones(hz, event.drone_hz) % 12
            for event in events
            if isinstance(event, Harmony)
            for hz in event.body_hz
        }
        for name, events in (("joy", joy), ("sad", sad))
    }
    assert 4 in thirds["joy"]
    assert 3 not in thirds["joy"]
    assert 3 in thirds["sad"]
    assert 4 not in thirds["sad"]
    busy, sparse = (sum(isinstance(e, Strike) for e in events) for events in (joy, sad))
    assert busy > 2.5 * sparse > 0


@pytest.mark.parametrize("sound", [JOY, SAD])
def test_it_is_no_loop(sound: Sound) -> None:
    bodies = [e.body_hz for e in played(sound, 600.0) if isinstance(e, Harmony)]
    for period in range(1, 12):
        same = sum(one == other for one, other in zip(bodies, bodies[period:], strict=False))
        assert same < 0.7 * (len(bodies) - period)


def test_the_same_seed_gives_the_same_music_and_another_one_other_music() -> None:
    assert played(JOY, 60.0, seed=4) == played(JOY, 60.0, seed=4)
    assert played(JOY, 60.0, seed=4) != played(JOY, 60.0, seed=5)


@given(tonics, tonics, seeds)
@settings(max_examples=20, deadline=None)
def test_the_key_follows_the_wish(before_hz: float, after_hz: float, seed: int) -> None:
    composer = Composer(random.Random(seed))
    for wish_hz in (before_hz, after_hz):
        for _ in range(int(18.0 / STEP_S)):
            composer.advance(STEP_S, Sound(tonic_hz=wish_hz, tempo_bpm=60.0))
        assert abs(1200.0 * math.log2(composer.tonic_hz / wish_hz)) < 1.0


@given(st.floats(0.95, 1.05))
@settings(max_examples=20, deadline=None)
def test_a_small_change_of_key_is_no_jump(ratio: float) -> None:
    composer = Composer(random.Random(1))
    composer.advance(STEP_S, SAD)
    moved = Sound(tonic_hz=SAD.tonic_hz * ratio)
    for _ in range(200):
        composer.advance(STEP_S, moved)
        assert abs(1200.0 * math.log2(composer.drift)) <= 8.0 * STEP_S + 1e-9


def test_a_new_mode_is_heard_within_two_seconds() -> None:
    composer = Composer(random.Random(1))
    for _ in range(int(5.0 / STEP_S)):
        composer.advance(STEP_S, JOY)
    minor = Sound(tonic_hz=JOY.tonic_hz, major=0.0, tempo_bpm=60.0)
    for step in range(int(4.0 / STEP_S)):
        for event in composer.advance(STEP_S, minor):
            if isinstance(event, Harmony):
                assert 3 in {semitones(hz, event.drone_hz) % 12 for hz in event.body_hz}
                assert step * STEP_S < 2.6
                return
    pytest.fail("the chord never changed")


@given(st.builds(Chord, st.just(0), st.just((0, 4, 7))), tonics)
def test_voices_move_little_from_chord_to_chord(chord: Chord, tonic_hz: float) -> None:
    first = voice(chord, tonic_hz)
    again = voice(chord, tonic_hz, first.body)
    assert again.body == first.body
