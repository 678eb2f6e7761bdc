"""What every way out for the sound can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mirrord_audio.bank import Floats

Render = Callable[[Floats], None]
"""Fills an array (frames, 2) with the next samples. Called on the output's own thread."""
Player = Callable[[int], Render]
"""Makes what renders at a sample rate in Hz."""


class Output(Protocol):
    """A device or a file. `prepare`, `play`, `pause` and `close` may block: call them on a Worker.

    It may be paused and played again any number of times.
    """

    @property
    def name(self) -> str:
        """How a person knows it."""

    def prepare(self) -> None:
        """Find the device without touching it. Raises Unavailable."""

    def play(self, player: Player) -> None:
        """Take the device and start to play. Raises Unavailable."""

    def pause(self) -> None:
        """Let go of the device, after what is buffered has been heard."""

    def close(self) -> None:
        """Pause for good."""

    def check(self) -> None:
        """Raise Unavailable if the device was lost while playing."""

    def abandon(self) -> None:
        """Expect nothing more of a call that does not return."""
