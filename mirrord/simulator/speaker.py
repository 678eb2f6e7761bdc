"""A simulated loudspeaker: what is played at it is kept, and can be listened to."""

from __future__ import annotations

import wave
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import numpy as np
import numpy.typing as npt

_FULL_SCALE = 32768.0
_QUIET_DB = -120.0


class SimulatedSpeaker:
    """A folder for the WAV file that a driver writes in real time; a context manager.

    `device` is the setting that leads to it. Without a `folder` it makes one for itself and
    removes it in the end. The driver keeps the last minute or two.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._own = TemporaryDirectory(prefix="mirror-speaker-") if folder is None else None
        self.folder = Path(self._own.name) / "speaker" if self._own else folder or Path()
        self.path = self.folder / "room.wav"

    @property
    def device(self) -> str:
        """Return the value of `[drivers.audio] device`."""
        return f"wav:{self.path}"

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._own is not None:
            self._own.cleanup()

    def heard(self, seconds: float) -> npt.NDArray[np.float32]:
        """Return the last seconds played, (frames, 2) within -1..1; fewer if there are fewer."""
        with wave.open(str(self.path), "rb") as file:
            frames = min(round(seconds * file.getframerate()), file.getnframes())
            file.setpos(file.getnframes() - frames)
            samples = np.frombuffer(file.readframes(frames), "<i2")
        return samples.reshape(-1, 2).astype(np.float32) / np.float32(_FULL_SCALE)

    def level_db(self, seconds: float = 1.0) -> float:
        """Return the mean level of the last seconds in dB below full scale; -120 in silence."""
        if not self.path.exists():
            return _QUIET_DB
        power = float(np.mean(np.square(self.heard(seconds)), dtype=np.float64))
        return max(10.0 * float(np.log10(power)), _QUIET_DB) if power > 0.0 else _QUIET_DB

    def unplug(self) -> None:
        """Be gone, with what was heard."""
        self.folder.rename(self._unplugged)

    def plug(self) -> None:
        """Be there again."""
        self._unplugged.rename(self.folder)

    @property
    def _unplugged(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.unplugged")
