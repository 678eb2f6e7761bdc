"""WAV files: 16 bit, stereo."""

from __future__ import annotations

import errno
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from mirrord.driver import Unavailable
from mirrord_audio.bank import Floats
from mirrord_audio.sound import RATE

LONGEST_S = 60.0
_FULL_SCALE = 32767.0


def pcm(samples: Floats) -> bytes:
    """Return samples (frames, 2) within -1..1 as 16 bit little-endian PCM."""
    scaled = np.rint(np.clip(samples, -1.0, 1.0) * np.float32(_FULL_SCALE))
    return bytes(scaled.astype("<i2").tobytes())


@contextmanager
def wav_file(path: Path) -> Iterator[wave.Wave_write]:
    """Open a stereo file at RATE; it can be read after each `writeframes`."""
    with path.open("wb") as file, wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        yield writer


class WavFile:
    """The last minute or two of sound, for `device = "wav:PATH"`.

    When PATH holds `longest_s` it becomes PATH with `.previous` before its suffix, and PATH begins
    anew: both can be played at any time, and together they never take more than 23 MB.
    """

    def __init__(self, path: Path, longest_s: float = LONGEST_S) -> None:
        self._path = path
        self._most = round(longest_s * RATE)
        self._open = ExitStack()
        self._writer: wave.Wave_write | None = None

    @property
    def name(self) -> str:
        return self._path.name

    def prepare(self) -> None:
        """Raise Unavailable if there is no folder for it, or something else in its place."""
        if not self._path.parent.is_dir():
            raise Unavailable(f"{self._path}: there is no folder {self._path.parent}; make it")
        if self._path.exists() and not self._path.is_file():
            raise Unavailable(f"{self._path} is no file that can be written; name another one")

    def write(self, samples: Floats) -> None:
        if self._writer is None:
            self._writer = self._begin()
        elif not self._path.exists():
            raise FileNotFoundError(errno.ENOENT, "somebody removed it", self.name)
        self._writer.writeframes(pcm(samples))
        if self._writer.tell() >= self._most:
            self.close()

    def close(self) -> None:
        self._writer = None
        self._open.close()

    def _begin(self) -> wave.Wave_write:
        if self._path.exists():
            previous = f"{self._path.stem}.previous{self._path.suffix}"
            self._path.replace(self._path.with_name(previous))
        return self._open.enter_context(wav_file(self._path))
