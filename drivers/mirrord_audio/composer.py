"""What is played when: chords, key changes and melody, as events in time."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from mirrord_audio.glide import Glide
from mirrord_audio.harmony import Chord, enriched, mode_for, next_chord
from mirrord_audio.melody import Melody, ladder
from mirrord_audio.sound import Sound
from mirrord_audio.voicing import Voicing, frequency, voice

TEMPO_GLIDE_S = 3.0
DRIFT_CENTS = 8.0  # a second; slower than anyone notices
FAR_CENTS = 120.0  # a wish further off than this is a change of key, made with a new chord
SOONEST_CHORD_S = 1.5
CHORD_S = (9.0, 5.0)  # how long a chord lasts about, at rest and lively
_HALF_BEATS = 2


@dataclass(frozen=True, slots=True)
class Harmony:
    """A new chord: the tones in Hz that sound from now on, until the next one."""

    new_key: bool
    drone_hz: float
    bass_hz: float
    body_hz: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Strike:
    """A note of the melody, in Hz; `level` 0..1."""

    hz: float
    level: float


Event = Harmony | Strike


class Composer:
    """Walks through chords and motifs, following the wish. The same seed gives the same music."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._melody = Melody(rng)
        self._tempo = Glide(TEMPO_GLIDE_S)
        self._chord: Chord | None = None
        self._mode: int | None = None
        self._voicing = Voicing(-12, ())
        self._away = 0
        self._chord_age_s = self._linger_s = 0.0
        self._late: list[tuple[float, Strike]] = []
        self.tonic_hz = 0.0
        self.drift = 1.0  # by how much the key moved within the last step
        self.beats = 0.0

    def advance(self, seconds: float, sound: Sound) -> list[Event]:
        """Go on by `seconds` (less than half a beat) and return what begins."""
        tempo = self._tempo.towards(sound.tempo_bpm, seconds)
        before = self.beats
        self.beats += seconds * tempo / 60.0
        self._chord_age_s += seconds
        self._tune(sound.tonic_hz, seconds)
        events = self._due(seconds)
        if self._chord is None or int(before * _HALF_BEATS) != int(self.beats * _HALF_BEATS):
            events += self._half_beat(sound, tempo)
        return events

    def restart(self) -> None:
        """Begin anew with the tonic chord of whatever is wished next."""
        self._chord, self._mode, self._voicing = None, None, Voicing(-12, ())
        self._late.clear()
        self._away, self.tonic_hz = 0, 0.0

    def _tune(self, wish_hz: float, seconds: float) -> None:
        """Let the key drift towards a near wish; a far one waits for the next chord."""
        self.drift = 1.0
        if self.tonic_hz and abs(away := _cents(self.tonic_hz, wish_hz)) <= FAR_CENTS:
            cents = min(abs(away), DRIFT_CENTS * seconds)
            self.drift = frequency(1.0, math.copysign(cents, away) / 100.0)
            self.tonic_hz *= self.drift

    def _half_beat(self, sound: Sound, tempo: float) -> list[Event]:
        events: list[Event] = []
        if self._chord_is_due(sound):
            events.append(self._change(sound))
        chord, mode = self._chord, self._mode
        if chord is None or mode is None:
            return events
        rungs = ladder(chord, mode, self.tonic_hz)
        struck = self._melody.step(rungs, chord, sound.liveliness)
        if struck is not None:
            strike = Strike(frequency(self.tonic_hz, struck), self._melody.level)
            self._late.append((self._rubato(sound, tempo), strike))
        return events

    def _chord_is_due(self, sound: Sound) -> bool:
        if self._chord is None:
            return True
        far = abs(_cents(self.tonic_hz, sound.tonic_hz)) > FAR_CENTS
        if far or mode_for(sound.major, self._mode) != self._mode:
            return self._chord_age_s >= SOONEST_CHORD_S
        rest, lively = CHORD_S
        lasts_s = rest + (lively - rest) * sound.arousal + self._linger_s
        on_the_beat = int(self.beats * _HALF_BEATS) % _HALF_BEATS == 0
        return on_the_beat and self._chord_age_s >= lasts_s

    def _change(self, sound: Sound) -> Harmony:
        """Take the next chord; a new mode or key begins with its tonic chord."""
        mode = mode_for(sound.major, self._mode)
        if mode != self._mode:
            self._mode, self._chord = mode, None
        new_key = not self.tonic_hz or abs(_cents(self.tonic_hz, sound.tonic_hz)) > FAR_CENTS
        if new_key:
            self.tonic_hz, self._chord, self._voicing = sound.tonic_hz, None, Voicing(-12, ())
        self._chord = enriched(
            next_chord(mode, self._chord, self._away, self._rng), mode, self._rng
        )
        self._away = 0 if self._chord.degree == 0 else self._away + 1
        self._voicing = voice(self._chord, self.tonic_hz, self._voicing.body)
        self._chord_age_s, self._linger_s = 0.0, self._rng.uniform(0.0, 1.5)
        return self._harmony(new_key)

    def _harmony(self, new_key: bool) -> Harmony:
        return Harmony(
            new_key=new_key,
            drone_hz=self.tonic_hz,
            bass_hz=frequency(self.tonic_hz, self._voicing.bass),
            body_hz=tuple(frequency(self.tonic_hz, at) for at in self._voicing.body),
        )

    def _rubato(self, sound: Sound, tempo: float) -> float:
        """Return by how many seconds a note is late: freely when slow and minor (Eerola 2013)."""
        freedom = 0.04 + 0.16 * (1.0 - sound.arousal) * (1.0 - 0.5 * sound.major)
        return self._rng.random() * freedom * 60.0 / tempo

    def _due(self, seconds: float) -> list[Event]:
        waiting = [(left - seconds, strike) for left, strike in self._late]
        self._late = [one for one in waiting if one[0] > 0.0]
        return [strike for left, strike in waiting if left <= 0.0]


def _cents(from_hz: float, to_hz: float) -> float:
    return 1200.0 * math.log2(to_hz / from_hz)
