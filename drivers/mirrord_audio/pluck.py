"""The melody's instrument: a soft mallet whose overtones die first."""

from __future__ import annotations

import numpy as np

from mirrord_audio.bank import TURN, Doubles, Floats

VOICES, PARTIALS = 10, 4
SLOTS = VOICES * PARTIALS
LEVEL = 0.30  # amplitude of a note of level 1 at 300 Hz
_OVERTONES = np.array((1.0, 0.35, 0.14, 0.06))
_INHARMONIC = np.array((1.0, 2.002, 3.007, 4.015))
_SHORT_S, _LONG_S = 0.35, 1.6
_SOFT_HZ = 3500.0
_FAINT = 1e-4


class Pluck:
    """Up to VOICES notes that ring and die away, the faintest giving way to a new one."""

    def __init__(self, rate: int, rng: np.random.Generator) -> None:
        self._per_hz = TURN / rate
        self._rng = rng
        self._hz = np.full(VOICES, 440.0)
        self._level = np.zeros(VOICES)
        self._age_s = np.zeros(VOICES)
        self._attack_s = np.full(VOICES, 0.03)
        self._decay_s = np.ones(VOICES)
        self._sides = np.ones((2, VOICES, 1))
        self._soft = np.ones((VOICES, PARTIALS))
        self._dies = np.arange(1, PARTIALS + 1, dtype=np.float64) ** 0.8

    def strike(self, hz: float, level: float, articulation: float) -> None:
        """Begin a note: legato swells in and rings on, staccato is short."""
        at = int(np.argmin(self._level * np.exp(-self._age_s / self._decay_s)))
        self._hz[at], self._age_s[at] = hz, 0.0
        self._level[at] = LEVEL * level * (300.0 / max(hz, 300.0)) ** 0.7
        self._soft[at] = _OVERTONES / (1.0 + (hz * _INHARMONIC / _SOFT_HZ) ** 4)
        self._attack_s[at] = 0.11 - 0.085 * articulation
        self._decay_s[at] = (_LONG_S + (_SHORT_S - _LONG_S) * articulation) * (500.0 / hz) ** 0.3
        angle = np.pi / 4.0 * (1.0 + self._rng.uniform(-0.5, 0.5))
        self._sides[:, at, 0] = np.cos(angle), np.sin(angle)

    def silence(self) -> None:
        """Drop everything at once. To be called only while nothing can be heard."""
        self._level[:] = 0.0

    def advance(
        self, seconds: float, brightness: float, radians: Doubles, amplitudes: Floats
    ) -> None:
        """Write the frequencies (SLOTS,) and the amplitudes (2, SLOTS) of `seconds` from now."""
        self._age_s += seconds
        np.multiply(
            self._hz[:, None] * self._per_hz, _INHARMONIC, out=radians.reshape(VOICES, PARTIALS)
        )
        rise = np.sin(np.minimum(self._age_s / self._attack_s, 1.0) * (np.pi / 2.0)) ** 2
        ring = np.exp(-(self._age_s / self._decay_s)[:, None] * self._dies)
        strength = (self._level * rise)[:, None] * ring * self._soft
        strength[:, 1:] *= 0.5 + 0.5 * brightness
        strength[strength < _FAINT * LEVEL] = 0.0
        np.multiply(strength, self._sides, out=amplitudes.reshape(2, VOICES, PARTIALS))
