"""What `mirrord listen` does: a mood's sound as a WAV file, made by the code that plays it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mirrord.driver import Environment, MirrorError
from mirrord_audio.sound import FULL_VOLUME, RATE, SILENCE, sound_of
from mirrord_audio.synth import Synth
from mirrord_audio.wav import pcm, wav_file

# A file is turned down by whoever plays it: the loudest wish takes 0.9 of its range, not 0.3.
GAIN = 0.9 / FULL_VOLUME
_LAST_FADE_S = 3.0
_SILENT_S = 0.1  # at the end


def render_file(
    environment: Environment,
    path: Path,
    seconds: float,
    seed: int | None,
    progress: Callable[[float], None],
) -> None:
    """Write `seconds` of an environment's sound, faded in and out; call `progress` with seconds.

    Raises MirrorError if the file cannot be written; then there is none, or the old one.
    """
    part = path.with_name(path.name + ".part")
    try:
        try:
            _write(environment, part, seconds, seed, progress)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise MirrorError(f"{path} cannot be written: {error.strerror}") from None


def _write(
    environment: Environment,
    path: Path,
    seconds: float,
    seed: int | None,
    progress: Callable[[float], None],
) -> None:
    synth = Synth(RATE, seed)
    fade_s = min(_LAST_FADE_S, seconds / 4.0)
    synth.wish = replace(sound_of(environment, FULL_VOLUME), fade_s=fade_s)
    left, fade_at = round(seconds * RATE), round((fade_s + _SILENT_S) * RATE)
    with wav_file(path) as writer:
        while left > 0:
            if left <= fade_at:
                synth.wish = replace(SILENCE, fade_s=fade_s)
            frames = min(left, RATE // 10)
            writer.writeframes(pcm(synth.render(frames) * GAIN))
            left -= frames
            progress(frames / RATE)
