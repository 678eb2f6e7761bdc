"""A sound card or a sound server, through PortAudio."""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from mirrord.driver import Unavailable
from mirrord_audio.bank import Floats
from mirrord_audio.output import Player, Render
from mirrord_audio.sound import RATE
from mirrord_audio.speakers import Speaker, choose, listed

BLOCK_FRAMES = 1024
LATENCY_S = 0.4  # room for a busy Pi; nobody hears it in music that glides
WARM_UP_S = 0.3  # of silence: a device or server that wakes up swallows the first sounds
STUCK_S = 4.0  # a device that asks for no samples for so long does not answer
PATIENCE_S = 3.0

# PortAudio is one for the whole process and not made for threads: one caller at a time. A call that
# hangs in C keeps the turn, so that nobody else steps on what it holds.
_turn = threading.Lock()


class PortAudioOutput:
    """Plays through a callback stream, so that no call of ours ever waits for the device."""

    # Those with a stream: PortAudio may call back into them, and must not be restarted.
    _playing: ClassVar[set[PortAudioOutput]] = set()

    def __init__(self, wanted: str | int) -> None:
        self.name = str(wanted) or "default"
        self.underflows = 0
        self._wanted = wanted
        self._stream: Any = None
        self._render: Render | None = None
        self._stereo: Floats = np.zeros((BLOCK_FRAMES, 2), np.float32)
        self._warming = 0  # frames of silence still to come
        self._asked_at = 0.0
        self._failure: Exception | None = None
        self._abandoned = False

    def prepare(self) -> None:
        self.name = choose(speakers(), self._wanted).name

    def play(self, player: Player) -> None:
        with _library() as library:
            speaker = choose(listed(library), self._wanted)
            stream = _opened(library, speaker, self._callback)
            self._playing.add(self)
            self._stream, self.name, self._failure = stream, speaker.name, None
            self._render = player(round(stream.samplerate))
            self._warming = round(WARM_UP_S * stream.samplerate)
            self._asked_at = time.monotonic()
            stream.start()
            if self._abandoned:
                self._release()

    def pause(self) -> None:
        if self._stream is not None:
            if self._stream.active:
                time.sleep(self._stream.latency)  # what is buffered still has to be heard
            with _library():
                self._release()

    def close(self) -> None:
        self.pause()

    def check(self) -> None:
        stream = self._stream
        if stream is None:
            return
        if self._failure is not None:
            raise Unavailable(f"{self.name}: the sound could not be rendered ({self._failure!r})")
        if not stream.active:
            raise Unavailable(f"{self.name} stopped: it was unplugged, or its server went away")
        if time.monotonic() - self._asked_at > STUCK_S:
            raise Unavailable(f"{self.name} takes no sound: its server does not answer")

    def abandon(self) -> None:
        """Leave the stream to the stuck call, and let the process end without waiting for it."""
        self._abandoned = True
        if (library := sys.modules.get("sounddevice")) is not None:
            atexit.unregister(library._exit_handler)

    def _release(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.abort()
            stream.close()
            self._playing.discard(self)

    def _callback(self, out: Floats, frames: int, _time: object, status: Any) -> None:
        """Fill what the device asks for. Runs on PortAudio's own thread."""
        self._asked_at = time.monotonic()
        self.underflows += bool(status.output_underflow)
        try:
            self._fill(out, frames)
        except Exception as error:  # told at the next check; PortAudio would print a traceback
            self._failure = error
            out.fill(0.0)

    def _fill(self, out: Floats, frames: int) -> None:
        if self._warming > 0 or self._render is None or self._failure is not None:
            self._warming -= frames
            out.fill(0.0)
        elif out.shape[1] == 2:
            self._render(out)
        else:
            self._render(self._stereo[:frames])
            np.mean(self._stereo[:frames], axis=1, keepdims=True, out=out)


def speakers() -> list[Speaker]:
    """Return the output devices there are now. Raises Unavailable."""
    with _library(afresh=True) as library:
        return listed(library)


@contextmanager
def _library(afresh: bool = False) -> Iterator[Any]:
    """Hold PortAudio; `afresh` looks for devices again, unless something plays.

    Raises Unavailable for whatever PortAudio says, or if it is stuck in another call.
    """
    if not _turn.acquire(timeout=PATIENCE_S):
        raise Unavailable("the sound system does not answer; it is tried again")
    try:
        library = _imported()
        try:
            if afresh and not PortAudioOutput._playing:
                library._terminate()
                library._initialize()
            yield library
        except library.PortAudioError as error:
            raise Unavailable(f"the sound output cannot be used: {error}") from None
    finally:
        _turn.release()


def _imported() -> Any:
    try:
        import sounddevice  # noqa: PLC0415 - needs PortAudio, which may be missing
    except OSError:
        raise Unavailable(
            "sound needs PortAudio, which is not installed: sudo apt install libportaudio2"
        ) from None
    return sounddevice


def _opened(library: Any, speaker: Speaker, callback: Any) -> Any:
    """Return a stream at our own rate, or at the device's where it insists."""
    rates = dict.fromkeys((RATE, speaker.rate))
    for rate in rates:
        try:
            return library.OutputStream(
                samplerate=rate,
                blocksize=BLOCK_FRAMES,
                device=speaker.index,
                channels=min(speaker.channels, 2),
                dtype="float32",
                latency=LATENCY_S,
                callback=callback,
            )
        except library.PortAudioError:
            if rate == list(rates)[-1]:
                raise
    raise AssertionError("there is always a last rate")
