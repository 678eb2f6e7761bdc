"""The synthesizer: wishes in, stereo samples out. The same code plays live and into files."""

from __future__ import annotations

import math
import random

import numpy as np

from mirrord_audio import pad, pluck
from mirrord_audio.bank import BLOCK, Bank, Floats
from mirrord_audio.composer import Composer, Event, Harmony
from mirrord_audio.glide import Glide
from mirrord_audio.limiter import Limiter
from mirrord_audio.pad import Colour, Pad, Tone
from mirrord_audio.pluck import Pluck
from mirrord_audio.reverb import Reverb
from mirrord_audio.sound import FULL_VOLUME, RATE, SILENCE, Sound

WET = 0.4
GLIDE_S = 2.5  # of what colours the sound
PULSE = 0.5  # of the pad's amplitude, at the liveliest
_DRONE = (0.5, 0.6)  # level and breath of each part of a chord
_BASS = (0.5, 0.2)
_BODY = (0.55, 0.35)
_BRIGHTNESS_PERIOD_S = 53.0
_PADS = slice(0, pad.SLOTS)
_PLUCKS = slice(pad.SLOTS, pad.SLOTS + pluck.SLOTS)


class Synth:
    """Renders ambient music that follows `wish`.

    `wish` may be replaced from any thread at any time; everything else belongs to the thread that
    renders. Equal seeds and wishes give equal samples, however the frames are asked for.
    """

    def __init__(self, rate: int = RATE, seed: int | None = None) -> None:
        notes = random.Random(seed)
        grain = np.random.default_rng(notes.getrandbits(64))
        self.rate = rate
        self.wish: Sound = SILENCE
        self._seconds = BLOCK / rate
        self._composer = Composer(notes)
        self._pad, self._pluck = Pad(rate, grain), Pluck(rate, grain)
        self._bank = Bank(pad.SLOTS + pluck.SLOTS, grain)
        self._radians = np.zeros(pad.SLOTS + pluck.SLOTS)
        self._amplitudes: Floats = np.zeros((2, pad.SLOTS + pluck.SLOTS), np.float32)
        self._reverb, self._limiter = Reverb(rate), Limiter(rate)
        self._arousal, self._articulation = Glide(GLIDE_S), Glide(GLIDE_S)
        self._wave = grain.uniform(0.0, 2.0 * math.pi)
        self._gain = 0.0
        self._line: Floats = np.arange(1, BLOCK + 1, dtype=np.float32) / np.float32(BLOCK)
        self._mixed: Floats = np.empty((2, BLOCK), np.float32)
        self._done: Floats = np.zeros((2, BLOCK), np.float32)
        self._left = 0  # frames of the block in `_done` that are still to be given out

    @property
    def silent(self) -> bool:
        """Say whether the fade to silence is over and nothing is asked for."""
        return self._gain == 0.0 and self.wish.volume <= 0.0

    @property
    def amplitude(self) -> float:
        """Return the largest sample that can sound just now."""
        return self._gain

    def render(self, frames: int) -> Floats:
        """Return the next frames, shape (frames, 2), each sample within -0.3..0.3."""
        out = np.empty((frames, 2), np.float32)
        self.render_into(out)
        return out

    def render_into(self, out: Floats) -> None:
        """Fill `out`, shape (frames, 2), with the next frames."""
        at = 0
        while at < len(out):
            if not self._left:
                self._next_block()
            count = min(self._left, len(out) - at)
            start = BLOCK - self._left
            out[at : at + count] = self._done[:, start : start + count].T
            at += count
            self._left -= count

    def _next_block(self) -> None:
        wish = self.wish  # once: another thread may replace it meanwhile
        self._left = BLOCK
        before, self._gain = self._gain, self._faded(wish)
        if self._gain == before == 0.0:
            self._rest()
            return
        limited = self._limiter.render(self._mix(wish))
        np.multiply(self._line, self._gain - before, out=self._mixed[0])
        self._mixed[0] += np.float32(before)
        np.multiply(limited, self._mixed[0], out=self._done)

    def _faded(self, wish: Sound) -> float:
        """Return the gain at the end of the block: exponential, the last bit in a straight line."""
        target = wish.volume
        constant_s = wish.fade_s / 5.0  # so that a fade from the loudest takes fade_s
        step = (target - self._gain) * -math.expm1(-self._seconds / constant_s)
        least = FULL_VOLUME * 0.1 * self._seconds / wish.fade_s
        if abs(target - self._gain) <= least:
            return target
        return self._gain + math.copysign(max(abs(step), least), step)

    def _rest(self) -> None:
        """Give out silence, and begin afresh when asked again."""
        if self._done.any():
            self._done[...] = 0.0
            for part in (self._pad, self._pluck, self._bank, self._reverb, self._limiter):
                part.silence()
            self._composer.restart()

    def _mix(self, wish: Sound) -> Floats:
        seconds = self._seconds
        arousal = self._arousal.towards(wish.arousal, seconds)
        articulation = self._articulation.towards(wish.articulation, seconds)
        events = self._composer.advance(seconds, wish)
        self._pad.retune(self._composer.drift)
        for event in events:
            self._begin(event, articulation)
        brightness = self._brightness(arousal, wish)
        colour = Colour(arousal, brightness, self._pulse(arousal * articulation))
        self._pad.advance(seconds, colour, self._radians[_PADS], self._amplitudes[:, _PADS])
        self._pluck.advance(
            seconds, brightness, self._radians[_PLUCKS], self._amplitudes[:, _PLUCKS]
        )
        dry = self._bank.render(self._radians, self._amplitudes)
        np.multiply(self._reverb.render(dry), np.float32(WET), out=self._mixed)
        self._mixed += dry
        return self._mixed

    def _begin(self, event: Event, articulation: float) -> None:
        if isinstance(event, Harmony):
            tones = [Tone(event.drone_hz, *_DRONE), Tone(event.bass_hz, *_BASS)]
            tones += (Tone(hz, *_BODY) for hz in event.body_hz)
            self._pad.play(tones, swift=event.new_key)
        else:
            self._pluck.strike(event.hz, event.level, articulation)

    def _brightness(self, arousal: float, wish: Sound) -> float:
        """Return how much of the overtones is heard, 0..1, rising and falling within a minute."""
        self._wave += 2.0 * math.pi * self._seconds / _BRIGHTNESS_PERIOD_S
        return 0.2 + 0.55 * arousal + 0.1 * wish.major + 0.12 * math.sin(self._wave)

    def _pulse(self, depth: float) -> float:
        """Return the strength of the pad within the beat, strongest on it."""
        return 1.0 - PULSE * depth * math.sin(math.pi * (self._composer.beats % 1.0)) ** 2
