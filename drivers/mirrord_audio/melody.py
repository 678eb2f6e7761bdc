"""Sparse melody: short motifs over the chord, varied, with rests between them."""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass

from mirrord_audio.harmony import MODES, Chord, rubs

LOW_HZ, HIGH_HZ = 330.0, 660.0  # where the lowest rung of the ladder may lie
SPAN = 17  # semitones
_GAPS = (1, 2, 3, 4, 6, 8)  # half beats from one note to the next
_CALM = (0.0, 1.0, 1.0, 4.0, 3.0, 2.0)
_LIVELY = (6.0, 4.0, 1.0, 0.5, 0.0, 0.0)
_STEPS = (-3, -2, -1, 0, 1, 2, 3)
_STEP_WEIGHTS = (0.6, 1.6, 3.0, 0.4, 3.0, 1.6, 0.6)


@dataclass(frozen=True, slots=True)
class Note:
    """A note of the melody; `level` 0..1, `delay_s` after the half beat it belongs to."""

    semitones: int
    level: float
    delay_s: float = 0.0


def ladder(chord: Chord, mode: int, tonic_hz: float) -> tuple[int, ...]:
    """Return the tones that a melody over the chord may use, in semitones from the tonic, rising.

    These are the chord's own tones and those of the mode that rub against none of them: nearly a
    pentatonic scale.
    """
    tones = {0, *chord.tones}
    free = {tone for tone in MODES[mode] if not any(rubs(tone, other) for other in tones)}
    low = math.ceil(12.0 * math.log2(min(max(tonic_hz, LOW_HZ), HIGH_HZ) / tonic_hz))
    return tuple(at for at in range(low, low + SPAN + 1) if at % 12 in free | set(chord.tones))


class Melody:
    """Decides half beat by half beat whether a note sounds."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._motif: tuple[tuple[int, int], ...] = ()
        self._coming: deque[tuple[int, int]] = deque()
        self._length = 1
        self._wait = 4
        self._place = 0.5  # 0..1 of the ladder, so that it outlives a change of chord

    def step(self, rungs: tuple[int, ...], chord: Chord, liveliness: float) -> int | None:
        """Go on by half a beat; return the tone struck, in semitones from the tonic, if any."""
        self._wait -= 1
        if self._wait > 0:
            return None
        if not self._coming:
            self._begin(liveliness)
        step, gap = self._coming.popleft()
        at = self._move(rungs, step)
        self._wait = gap
        if not self._coming:
            at = self._settle(rungs, chord, at)
            self._wait += self._rest(liveliness)
        self._place = at / max(len(rungs) - 1, 1)
        return rungs[at]

    @property
    def level(self) -> float:
        """Return how strong the note just struck is: a phrase swells and fades."""
        done = 1.0 - len(self._coming) / self._length
        return (0.55 + 0.3 * math.sin(math.pi * done)) * self._rng.uniform(0.85, 1.15)

    def _begin(self, liveliness: float) -> None:
        """Start a phrase: the last motif again, the last one mirrored, or a new one."""
        chance = self._rng.random()
        if not self._motif or chance < 0.45:
            self._motif = self._invent(liveliness)
        elif chance < 0.6:
            self._motif = tuple((-step, gap) for step, gap in self._motif)
        self._coming.extend(self._motif)
        self._length = len(self._motif)

    def _invent(self, liveliness: float) -> tuple[tuple[int, int], ...]:
        count = self._rng.randint(2 + round(2 * liveliness), 4 + round(4 * liveliness))
        weights = [
            calm + liveliness * (lively - calm) for calm, lively in zip(_CALM, _LIVELY, strict=True)
        ]
        gaps = self._rng.choices(_GAPS, weights, k=count)
        steps = self._rng.choices(_STEPS, _STEP_WEIGHTS, k=count)
        return tuple(zip(steps, gaps, strict=True))

    def _move(self, rungs: tuple[int, ...], step: int) -> int:
        """Return the rung `step` away, pulled back from the ends of the ladder."""
        top = len(rungs) - 1
        at = round(self._place * top) + step
        return top - (at - top) if at > top else abs(at)

    def _settle(self, rungs: tuple[int, ...], chord: Chord, at: int) -> int:
        """Return the rung nearest to `at` that belongs to the chord: phrases end at rest."""
        own = [rung for rung, tone in enumerate(rungs) if tone % 12 in chord.tones]
        return min(own, key=lambda rung: abs(rung - at), default=at)

    def _rest(self, liveliness: float) -> int:
        """Return half beats of rest, sometimes a long one: silence is part of it."""
        usual = self._rng.randint(3, 10) * (1.0 - 0.7 * liveliness)
        return round(usual * (3.0 if self._rng.random() < 0.12 else 1.0))
