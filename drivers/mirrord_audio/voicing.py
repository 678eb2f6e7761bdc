"""Where the tones of a chord lie: a low root, a drone, and a body that moves little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise, product

from mirrord_audio.harmony import Chord

BASS_LOW_HZ, BASS_HZ, BASS_HIGH_HZ = 50.0, 80.0, 165.0
BODY_LOW_HZ, BODY_HIGH_HZ = 165.0, 400.0  # where the lowest tone of the body may begin
BODY_SPAN = 19  # semitones
_MUDDY_HZ = 220.0  # below, close intervals blur


@dataclass(frozen=True, slots=True)
class Voicing:
    """Semitones from the tonic for the root and the body; the drone is the tonic itself."""

    bass: int
    body: tuple[int, ...]


def voice(chord: Chord, tonic_hz: float, before: tuple[int, ...] = ()) -> Voicing:
    """Return the voicing of a chord over a tonic that moves least from the body `before`."""
    low = math.ceil(_semitones(min(max(0.75 * tonic_hz, BODY_LOW_HZ), BODY_HIGH_HZ), tonic_hz))
    places = [_octaves(tone, low, low + BODY_SPAN) for tone in chord.tones]
    bodies = [tuple(sorted(body)) for body in product(*places)]
    best = min(bodies, key=lambda body: (_cost(body, tonic_hz, before), body))
    return Voicing(_bass(chord.tones[0], tonic_hz), best)


def frequency(tonic_hz: float, semitones: float) -> float:
    """Return the frequency in Hz, in equal temperament."""
    return float(tonic_hz * 2.0 ** (semitones / 12.0))


def _bass(root: int, tonic_hz: float) -> int:
    """Return the root in the bass, or the tonic where the root would lie too close to the drone."""
    low, high = _semitones(BASS_LOW_HZ, tonic_hz), _semitones(BASS_HIGH_HZ, tonic_hz)
    clear = [at for at in _octaves(root, math.ceil(low), math.floor(high)) if at == 0 or at <= -5]
    middle = _semitones(BASS_HZ, tonic_hz)
    return min(clear or [-12], key=lambda at: abs(at - middle))


def _octaves(tone: int, low: int, high: int) -> list[int]:
    """Return every place of a tone from `low` to `high` semitones."""
    first = low + (tone - low) % 12
    return list(range(first, high + 1, 12))


def _cost(body: tuple[int, ...], tonic_hz: float, before: tuple[int, ...]) -> float:
    moves = sum(min(abs(at - old) for old in before) for at in body) if before else sum(body) / 4
    return moves + sum(_crowding(low, high, tonic_hz) for low, high in pairwise(body))


def _crowding(low: int, high: int, tonic_hz: float) -> float:
    gap = high - low
    muddy = gap < 4 and frequency(tonic_hz, low) < _MUDDY_HZ
    return 50.0 * (gap < 2) + 4.0 * (gap < 3) + 6.0 * muddy + 3.0 * (gap > 9)


def _semitones(hz: float, tonic_hz: float) -> float:
    return 12.0 * math.log2(hz / tonic_hz)
