"""The pad: soft, wide, slowly breathing tones that hold the chord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mirrord_audio.bank import TURN, Doubles, Floats

VOICES, PARTIALS, COPIES = 12, 5, 2  # every partial is sounded twice, slightly apart
SLOTS = VOICES * PARTIALS * COPIES
POWER = 0.05  # mean square of the whole pad, before volume
_SAME_CENTS = 15.0
_DETUNE_CENTS = 4.0
_CHORUS_HZ = 400.0  # low tones are nearly alone: two of them would throb
_SWIFT_S = 1.0
_FEWEST = 1e-4


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone of a chord: `level` against the others, `breath` how deeply it swells, 0..1."""

    hz: float
    level: float
    breath: float


@dataclass(frozen=True, slots=True)
class Colour:
    """How the pad sounds just now: each 0..1; `pulse` is its strength within the beat."""

    arousal: float
    brightness: float
    pulse: float


class Pad:
    """Holds up to VOICES tones, each with its own slow attack, release and swell.

    Chords change by cross-fading in equal power: the sum is scaled to a constant power, in which
    low partials count for less, as they do to an ear at a low level.
    """

    def __init__(self, rate: int, rng: np.random.Generator) -> None:
        self._per_hz = TURN / rate
        self._hz = np.full(VOICES, 110.0)
        self._level = np.zeros(VOICES)
        self._breath = np.zeros(VOICES)
        self._stage = np.zeros(VOICES)  # 0 silent .. 1 fully there
        self._held = np.zeros(VOICES, np.bool_)
        self._swift = np.zeros(VOICES, np.bool_)
        self._harmonic = np.arange(1, PARTIALS + 1, dtype=np.float64)
        shape = (VOICES, PARTIALS)
        self._swell_rate = TURN * rng.uniform(0.03, 0.11, shape)
        self._swell_phase = rng.uniform(0.0, TURN, shape)
        self._breath_rate = TURN * rng.uniform(0.02, 0.05, VOICES)
        self._breath_phase = rng.uniform(0.0, TURN, VOICES)
        cents = _DETUNE_CENTS * rng.uniform(0.5, 1.0, (*shape, 1)) * np.array((-1.0, 1.0))
        self._detune = 2.0 ** (cents / 1200.0)
        self._sides = _sides(rng)
        self._copies = np.ones((VOICES, PARTIALS, COPIES))

    def play(self, tones: Sequence[Tone], swift: bool) -> None:
        """Hold these tones from now on; those that sounded already stay, the others fade.

        `swift` makes way for a new key, whose tones would rub against the old ones.
        """
        near = 2.0 ** (_SAME_CENTS / 1200.0)
        kept = np.zeros(VOICES, np.bool_)
        new = []
        for tone in tones:
            same = self._held & ~kept & (abs(np.log(self._hz / tone.hz)) < np.log(near))
            if same.any():
                kept[np.argmax(same)] = True
            else:
                new.append(tone)
        self._swift[self._held & ~kept] = swift
        self._held &= kept
        for tone in new:
            self._take(tone)

    def retune(self, ratio: float) -> None:
        """Move the tones that are held by a ratio."""
        self._hz[self._held] *= ratio

    def silence(self) -> None:
        """Drop everything at once. To be called only while nothing can be heard."""
        self._stage[:] = 0.0
        self._held[:] = False

    def advance(self, seconds: float, colour: Colour, radians: Doubles, amplitudes: Floats) -> None:
        """Write the frequencies (SLOTS,) and the amplitudes (2, SLOTS) of `seconds` from now."""
        self._move(seconds, colour.arousal)
        hz = self._hz[:, None] * self._harmonic
        np.multiply(
            (hz * self._per_hz)[:, :, None],
            self._detune,
            out=radians.reshape(VOICES, PARTIALS, COPIES),
        )
        strength = self._strength(hz, colour.brightness)
        audible = strength * (hz / (hz + 150.0))
        power = float(np.sum(audible * audible))  # two copies of half the power, two sides
        strength *= colour.pulse * np.sqrt(POWER / max(power, _FEWEST))
        np.multiply(strength, hz / (hz + _CHORUS_HZ), out=self._copies[:, :, 1])
        self._copies[:, :, 0] = strength
        np.multiply(self._copies, self._sides, out=amplitudes.reshape(2, VOICES, PARTIALS, COPIES))

    def _take(self, tone: Tone) -> None:
        """Give a tone to a free voice, or to the faintest of those that are fading."""
        at = int(np.argmin(np.where(self._held, 2.0, self._stage)))
        self._hz[at], self._level[at], self._breath[at] = tone.hz, tone.level, tone.breath
        self._held[at] = True

    def _move(self, seconds: float, arousal: float) -> None:
        attack_s, fade_s = 2.4 - 1.5 * arousal, 3.0 - 1.6 * arousal
        release_s = np.where(self._swift, _SWIFT_S, fade_s)
        self._stage += np.where(self._held, seconds / attack_s, -seconds / release_s)
        np.clip(self._stage, 0.0, 1.0, out=self._stage)
        self._swell_phase += self._swell_rate * seconds
        self._breath_phase += self._breath_rate * seconds

    def _strength(self, hz: Doubles, brightness: float) -> Doubles:
        """Return the amplitude of each voice and partial, before scaling."""
        here: Doubles = self._level * np.sin(self._stage * (np.pi / 2.0)) ** 2
        here *= 1.0 - self._breath * (0.5 + 0.5 * np.sin(self._breath_phase))
        timbre = self._harmonic ** -(2.0 - 0.9 * brightness)
        softened: Doubles = timbre / (1.0 + (hz / (800.0 + 2400.0 * brightness)) ** 4)
        softened *= 1.0 + 0.4 * np.sin(self._swell_phase)
        return here[:, None] * softened


def _sides(rng: np.random.Generator) -> Doubles:
    """Return how much of each copy goes left and right, (2, VOICES, PARTIALS, COPIES).

    One copy leans left and the other right, the more so the higher the partial.
    """
    width = np.linspace(0.15, 0.5, PARTIALS) * rng.uniform(0.7, 1.0, (VOICES, PARTIALS))
    angle = np.pi / 4.0 * (1.0 + width[:, :, None] * np.array((-1.0, 1.0)))
    return np.stack((np.cos(angle), np.sin(angle)))
