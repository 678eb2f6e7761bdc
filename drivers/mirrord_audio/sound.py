"""What the synthesizer is asked for, and how loud that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mirrord.driver import Environment

RATE = 48_000
FULL_VOLUME = 0.3  # the loudest wish of an Environment
SLOW_BPM, FAST_BPM = 50.0, 120.0


@dataclass(frozen=True, slots=True)
class Sound:
    """One wish. Replaced as a whole, so that the audio thread never sees half of one.

    Ranges: tonic_hz 100..1000; volume 0..0.3, the largest sample that may sound;
    major 0 (minor) .. 1; tempo_bpm 30..180; articulation 0 (legato) .. 1 (staccato).
    fade_s: how long the volume takes to get there, from the loudest to silence.
    """

    tonic_hz: float = 220.0
    volume: float = 0.0
    major: float = 0.5
    tempo_bpm: float = 60.0
    articulation: float = 0.2
    fade_s: float = 2.5

    @property
    def arousal(self) -> float:
        """Return how lively the tempo is, 0..1."""
        return bounded((self.tempo_bpm - SLOW_BPM) / (FAST_BPM - SLOW_BPM), 0.0, 1.0)

    @property
    def liveliness(self) -> float:
        """Return how busy the melody is, 0..1: fast and detached is lively."""
        return bounded(0.7 * self.arousal + 0.4 * self.articulation, 0.0, 1.0)


SILENCE = Sound()
DEVICE_ID = "audio"


def sound_of(environment: Environment, max_volume: float) -> Sound:
    """Return the sound of an environment, with `max_volume` (0..1) as the last cap."""
    gain = bounded(environment.wish_for(DEVICE_ID).gain, 0.0, 1.0)
    volume = min(gain * bounded(environment.audio_volume, 0.0, FULL_VOLUME), max_volume)
    return Sound(
        tonic_hz=bounded(environment.audio_frequency_hz, 100.0, 1000.0),
        volume=volume if environment.present else 0.0,
        major=bounded(environment.audio_major, 0.0, 1.0),
        tempo_bpm=bounded(environment.audio_tempo_bpm, 30.0, 180.0),
        articulation=bounded(environment.audio_articulation, 0.0, 1.0),
    )


def bounded(value: float, low: float, high: float) -> float:
    """Return `value` within low..high; what is no number becomes `low`."""
    return low if math.isnan(value) else min(max(value, low), high)
