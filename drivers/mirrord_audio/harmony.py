"""Which chords there are: modes, chords over a drone, and where a chord may go next."""

from __future__ import annotations

import random
from dataclasses import dataclass

# From dark to bright, each differing from the one before by a single raised degree. Listeners hear
# them in this order as ever happier (Temperley & Tan 2013).
MODES: tuple[tuple[int, ...], ...] = (
    (0, 2, 3, 5, 7, 8, 10),  # aeolian
    (0, 2, 3, 5, 7, 9, 10),  # dorian
    (0, 2, 4, 5, 7, 9, 10),  # mixolydian
    (0, 2, 4, 5, 7, 9, 11),  # ionian
)
FARTHEST = 7  # chords away from home
_HYSTERESIS = 0.04
_WEIGHTS = (2.2, 1.0, 0.8, 1.7, 1.0, 1.5, 0.8)  # how often the music visits each degree


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord on a degree (0..6) of a mode; tones in semitones above the tonic, root first."""

    degree: int
    tones: tuple[int, ...]


def mode_for(major: float, current: int | None = None) -> int:
    """Return the index of the mode for `major` (0..1), staying at `current` near a border."""
    wanted = min(int(major * len(MODES)), len(MODES) - 1)
    if current is None or wanted == current:
        return wanted
    border = max(wanted, current) / len(MODES)
    return current if abs(major - border) < _HYSTERESIS else wanted


def chords(mode: int) -> tuple[Chord, ...]:
    """Return the chords of a mode that sound sweet over a drone on the tonic."""
    found = (_chord(MODES[mode], degree) for degree in range(7))
    return tuple(chord for chord in found if chord is not None)


def next_chord(mode: int, current: Chord | None, away: int, rng: random.Random) -> Chord:
    """Return where the music goes, having been `away` from the tonic chord for so many chords.

    Chords that share tones with the current one are preferred, and home calls ever louder.
    """
    options = [one for one in chords(mode) if current is None or one.degree != current.degree]
    if current is None or away >= FARTHEST:
        return options[0]
    shared = [len(set(one.tones) & set(current.tones)) for one in options]
    weights = [
        _WEIGHTS[one.degree] * (1 + share) for one, share in zip(options, shared, strict=True)
    ]
    if options[0].degree == 0:
        weights[0] *= 0.5 + 0.5 * away
    return rng.choices(options, weights)[0]


def enriched(chord: Chord, mode: int, rng: random.Random) -> Chord:
    """Return the chord with a seventh or a ninth, where one fits without rubbing."""
    scale = MODES[mode]
    extra = [scale[(chord.degree + step) % 7] for step in (6, 1)]
    fitting = [tone for tone in extra if not any(rubs(tone, other) for other in (0, *chord.tones))]
    if not fitting or rng.random() < 0.35:
        return chord
    tone = rng.choice(fitting)
    return chord if tone in chord.tones else Chord(chord.degree, (*chord.tones, tone))


def rubs(one: int, other: int) -> bool:
    """Say whether two tones are a semitone or a major seventh apart, in any octave."""
    return (one - other) % 12 in (1, 11)


def _chord(scale: tuple[int, ...], degree: int) -> Chord | None:
    """Return the triad; with the fourth for its third where that rubs; None where nothing helps."""
    root, third, fourth, fifth = (scale[(degree + step) % 7] for step in (0, 2, 3, 4))
    if (fifth - root) % 12 != 7 or rubs(root, 0) or rubs(fifth, 0):
        return None
    middle = fourth if rubs(third, 0) else third
    return Chord(degree, (root, middle, fifth))
