"""The synthesizer, judged by its samples."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mirrord.driver import DeviceWish
from mirrord.testing import environment
from mirrord_audio.bank import BLOCK, Bank
from mirrord_audio.limiter import CEILING, Limiter
from mirrord_audio.reverb import DECAY_S, Reverb
from mirrord_audio.sound import FULL_VOLUME, SILENCE, Sound, bounded, sound_of
from mirrord_audio.synth import Synth
from tests.fakes import ear
from tests.fakes.ear import RATE, Samples

MOODS = {
    "joy": Sound(tonic_hz=330.0, volume=0.3, major=0.97, tempo_bpm=107.0, articulation=0.5),
    "calm": Sound(tonic_hz=185.0, volume=0.3, major=0.92, tempo_bpm=66.0, articulation=0.07),
    "energy": Sound(tonic_hz=323.0, volume=0.3, major=0.4, tempo_bpm=113.0, articulation=0.7),
    "melancholy": Sound(tonic_hz=146.0, volume=0.3, major=0.06, tempo_bpm=59.0, articulation=0.17),
}
sounds = st.builds(
    Sound,
    tonic_hz=st.floats(100.0, 1000.0),
    volume=st.sampled_from((0.0, 0.01, 0.1, 0.3)),
    major=st.floats(0.0, 1.0),
    tempo_bpm=st.floats(30.0, 180.0),
    articulation=st.floats(0.0, 1.0),
    fade_s=st.sampled_from((0.6, 2.0)),
)
passages = st.lists(st.tuples(sounds, st.integers(1, 60_000)), min_size=1, max_size=8)


def render(sound: Sound, seconds: float, seed: int = 1, rate: int = RATE) -> Samples:
    synth = Synth(rate, seed)
    synth.wish = sound
    return synth.render(round(seconds * rate))


@given(passages, st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_whatever_is_wished_there_is_no_click(passage: list[tuple[Sound, int]], seed: int) -> None:
    synth, parts, loudest = Synth(RATE, seed), [], 0.0
    for wish, frames in passage:
        loudest = max(loudest, wish.volume)
        synth.wish = wish
        parts.append(synth.render(frames))
        assert np.abs(parts[-1]).max() <= loudest
    samples = np.concatenate(parts)
    assert np.isfinite(samples).all()
    assert ear.step(samples) < 0.05
    assert ear.clicks(samples) < 1e-4
    assert np.abs(samples[0]).max() < 1e-3


@pytest.mark.parametrize("at", [0.004, -0.02])
def test_a_click_would_be_found(at: float) -> None:
    samples = render(MOODS["joy"], 3.0)
    samples[RATE:] += np.float32(at)
    assert ear.clicks(samples) > 5e-4


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=30))
@settings(max_examples=15, deadline=None)
def test_it_sounds_the_same_however_the_frames_are_asked_for(counts: list[int]) -> None:
    synth = Synth(RATE, 9)
    synth.wish = MOODS["energy"]
    parts = [synth.render(count) for count in counts]
    whole = render(MOODS["energy"], sum(counts) / RATE, seed=9)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_the_seed_decides_everything() -> None:
    np.testing.assert_array_equal(render(MOODS["joy"], 5.0, 3), render(MOODS["joy"], 5.0, 3))
    assert not np.array_equal(render(MOODS["joy"], 5.0, 3), render(MOODS["joy"], 5.0, 4))


def test_it_fades_to_true_silence_rests_and_wakes() -> None:
    synth = Synth(RATE, 1)
    assert synth.silent
    synth.wish = MOODS["joy"]
    loud = synth.render(4 * RATE)
    assert not synth.silent
    synth.wish = SILENCE
    fading = synth.render(4 * RATE)
    assert synth.silent
    assert np.abs(fading[: RATE // 2]).max() > 0.05
    assert not fading[-BLOCK:].any()
    cpu = time.process_time()
    assert not synth.render(60 * RATE).any()
    assert time.process_time() - cpu < 1.0
    synth.wish = MOODS["joy"]
    awake = synth.render(4 * RATE)
    assert np.abs(awake).max() > 0.05
    assert ear.clicks(np.concatenate((loud, fading, awake))) < 1e-4


def test_closing_fades_within_a_second() -> None:
    synth = Synth(RATE, 1)
    synth.wish = MOODS["energy"]
    synth.render(4 * RATE)
    synth.wish = replace(SILENCE, fade_s=0.6)
    fading = synth.render(RATE)
    assert synth.silent
    assert ear.clicks(fading) < 1e-4


@pytest.mark.parametrize("hz", [100.0, 146.0, 220.0, 440.0, 700.0, 1000.0])
def test_the_tonic_is_the_wished_frequency(hz: float) -> None:
    samples = render(replace(MOODS["calm"], tonic_hz=hz), 9.0)[3 * RATE :]
    heard = ear.peak_hz(samples, hz * 0.975, hz * 1.025)
    assert abs(1200.0 * math.log2(heard / hz)) < 6.0
    assert ear.energy(samples, hz) > 20.0 * ear.energy(samples, hz * 2.0 ** (0.5 / 12.0))


@pytest.mark.parametrize(("mood", "has", "lacks"), [("joy", 4, 3), ("melancholy", 3, 4)])
def test_the_third_is_that_of_the_mode(mood: str, has: int, lacks: int) -> None:
    samples = render(MOODS[mood], 30.0)
    tonic_hz = MOODS[mood].tonic_hz
    third, other = (ear.energy(samples, tonic_hz * 2.0 ** (at / 12.0)) for at in (has, lacks))
    assert third > 10.0 * other


@pytest.mark.parametrize("bpm", [96.0, 120.0, 150.0])
def test_the_tempo_is_in_the_sound(bpm: float) -> None:
    sound = replace(MOODS["energy"], tempo_bpm=bpm, articulation=1.0)
    samples = render(sound, 40.0)[10 * RATE :]
    envelope = np.square(samples).mean(axis=1).reshape(-1, RATE // 100).mean(axis=1)
    spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(envelope))))
    beats = np.fft.rfftfreq(len(envelope), 0.01) * 60.0
    near = (beats > 70.0) & (beats < 170.0)
    assert beats[near][np.argmax(spectrum[near])] == pytest.approx(bpm, abs=2.5)


def test_fast_and_detached_is_brighter_than_slow_and_bound() -> None:
    def treble(mood: str) -> float:
        mono = render(replace(MOODS[mood], tonic_hz=220.0), 20.0).mean(axis=1)
        power = np.abs(np.fft.rfft(mono)) ** 2
        return float(power[np.fft.rfftfreq(len(mono), 1.0 / RATE) > 1_600.0].sum() / power.sum())

    assert treble("energy") > 2.0 * treble("calm")
    assert treble("energy") < 0.05


def test_moods_are_equally_loud_steady_and_centred() -> None:
    medians = []
    for sound in MOODS.values():
        samples = render(sound, 30.0)[4 * RATE :]
        heard = ear.loudness(samples)
        medians.append(float(np.median(heard)))
        assert np.ptp(heard) < 8.0
        assert np.abs(samples.mean(axis=0)).max() < 1e-4
        left, right = np.square(samples).mean(axis=0)
        assert abs(10.0 * math.log10(left / right)) < 2.0
        assert 0.1 < np.corrcoef(samples.T)[0, 1] < 0.95
        assert np.abs(samples).max() > 0.5 * FULL_VOLUME
    assert max(medians) - min(medians) < 3.0


def test_half_the_volume_is_half_the_amplitude() -> None:
    full = render(MOODS["calm"], 12.0)[6 * RATE :]
    half = render(replace(MOODS["calm"], volume=0.15), 12.0)[6 * RATE :]
    np.testing.assert_allclose(half, full / 2.0, atol=2e-4)


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_other_rates_sound_alike(rate: int) -> None:
    samples = render(MOODS["calm"], 6.0, rate=rate)
    heard = ear.peak_hz(samples[2 * rate :], 180.0 * RATE / rate, 190.0 * RATE / rate)
    assert heard * rate / RATE == pytest.approx(185.0, rel=0.005)


def test_it_takes_a_small_share_of_a_core() -> None:
    synth = Synth(RATE, 1)
    synth.wish = MOODS["energy"]
    synth.render(RATE)
    shares = []
    for _ in range(5):
        start = time.process_time()
        synth.render(2 * RATE)
        shares.append((time.process_time() - start) / 2.0)
    assert min(shares) < 0.1


@given(st.integers(1, 60), st.integers(0, 2**32))
@example(1, 588)  # what single precision is furthest off
@settings(max_examples=25, deadline=None)
def test_the_bank_adds_sines(partials: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    bank = Bank(partials, rng)
    phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, partials)
    radians = rng.uniform(0.001, 0.6, partials)
    before = np.zeros((2, partials))
    for block in range(3):
        after = rng.uniform(0.0, 1.0 / partials, (2, partials)).astype(np.float32)
        heard = bank.render(radians, after)
        frame = np.arange(BLOCK)
        sines = np.sin(phases[:, None] + radians[:, None] * (frame + block * BLOCK))
        level = before[:, :, None] + (after - before)[:, :, None] * frame / BLOCK
        np.testing.assert_allclose(heard, (level * sines).sum(axis=1), atol=1e-4)
        before = after


@given(st.lists(st.floats(0.0, 20.0), min_size=2, max_size=12))
def test_the_limiter_never_clips_and_leaves_the_quiet_alone(levels: list[float]) -> None:
    limiter = Limiter(RATE)
    wave = np.sin(np.arange(BLOCK) * 0.1).astype(np.float32)
    for level in [*levels, 0.0]:
        assert np.abs(limiter.render(np.stack((wave, -wave)) * np.float32(level))).max() <= 0.981
    limiter.silence()
    quiet = np.stack((wave, wave)) * np.float32(CEILING)
    limiter.render(quiet)
    np.testing.assert_allclose(limiter.render(quiet), quiet, atol=1e-6)


def test_the_reverb_dies_away_as_long_as_it_says() -> None:
    reverb = Reverb(RATE)
    blocks = round(5.0 * RATE / BLOCK)
    struck = np.zeros((2, BLOCK), np.float32)
    struck[:, 0] = 1.0
    tail = [reverb.render(struck if block == 0 else 0.0 * struck).copy() for block in range(blocks)]
    left = np.cumsum(np.square(np.concatenate(tail, axis=1)[0])[::-1])[::-1]
    level = 10.0 * np.log10(left / left[0])
    fell = (np.argmax(level < -35.0) - np.argmax(level < -5.0)) / RATE
    assert fell == pytest.approx(DECAY_S / 2.0, rel=0.2)


@given(st.floats() | st.just(math.nan))
def test_a_wish_that_is_no_number_is_bounded(value: float) -> None:
    assert 100.0 <= bounded(value, 100.0, 1000.0) <= 1000.0


def test_the_cap_and_absence_decide_the_volume() -> None:
    assert sound_of(environment(audio_volume=0.25), 0.1).volume == 0.1
    assert sound_of(environment(audio_volume=9.0), 1.0).volume == FULL_VOLUME
    assert sound_of(environment(audio_volume=0.25, present=False), 1.0).volume == 0.0
    half = {"audio": DeviceWish(gain=0.5)}
    assert sound_of(environment(audio_volume=0.2, devices=half), 1.0).volume == 0.1
