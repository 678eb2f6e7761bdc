"""Outputs without a device: the sound is rendered in real time, and kept or thrown away."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import numpy as np

from mirrord.driver import Unavailable
from mirrord_audio.bank import Floats
from mirrord_audio.output import Player, Render
from mirrord_audio.sound import RATE

FRAMES = 4096
_LATE_S = 1.0  # later than this, time is skipped rather than caught up with


class Sink(Protocol):
    """Takes samples (frames, 2) as they come."""

    @property
    def name(self) -> str:
        """How a person knows it."""

    def prepare(self) -> None:
        """Say whether it can be written to. Raises Unavailable."""

    def write(self, samples: Floats) -> None:
        """Take the next samples. Raises OSError."""

    def close(self) -> None:
        """Finish. Raises OSError."""


class Nowhere:
    """Throws the sound away."""

    name = "null"

    def prepare(self) -> None: ...

    def write(self, samples: Floats) -> None: ...

    def close(self) -> None: ...


class Paced:
    """Renders at the speed of the clock on a thread of its own, into a sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: OSError | None = None

    @property
    def name(self) -> str:
        return self._sink.name

    def prepare(self) -> None:
        self._sink.prepare()

    def play(self, player: Player) -> None:
        self._stop.clear()
        render = player(RATE)
        self._thread = threading.Thread(
            target=self._run, args=(render,), name="audio-paced", daemon=True
        )
        self._thread.start()

    def pause(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        self.pause()
        try:
            self._sink.close()
        except OSError as error:
            self._failure = error

    def check(self) -> None:
        if self._failure is not None:
            raise Unavailable(f"{self.name} cannot be written: {self._failure.strerror}")

    def abandon(self) -> None:
        self._stop.set()

    def _run(self, render: Render) -> None:
        samples = np.empty((FRAMES, 2), np.float32)
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            render(samples)
            try:
                self._sink.write(samples)
            except OSError as error:
                self._failure = error
                return
            due = max(due + FRAMES / RATE, time.monotonic() - _LATE_S)
