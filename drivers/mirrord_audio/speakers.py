"""The output devices that PortAudio lists, and which of them a setting means."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mirrord.driver import Unavailable


@dataclass(frozen=True, slots=True)
class Speaker:
    """An output device; `rate` is what it takes in Hz without being asked for another one."""

    index: int
    name: str
    channels: int
    rate: int
    default: bool

    @property
    def described(self) -> str:
        """Return the line that a person reads."""
        channels = "mono" if self.channels == 1 else "stereo"
        return f"{self.index}: {self.name} ({channels}{', the default' if self.default else ''})"


def listed(library: Any) -> list[Speaker]:
    """Return the output devices that the sounddevice library knows of."""
    host = library.query_hostapis(library.default.hostapi)
    return [
        Speaker(
            index=device["index"],
            name=device["name"],
            channels=device["max_output_channels"],
            rate=round(device["default_samplerate"]),
            default=device["index"] == host["default_output_device"],
        )
        for device in library.query_devices()
        if device["max_output_channels"] > 0
    ]


def choose(known: Sequence[Speaker], wanted: str | int) -> Speaker:
    """Return the device of a number, a name or a part of one; "" is the default.

    Raises Unavailable naming what there is: a speaker that is missing may be plugged in.
    """
    if not known:
        raise Unavailable("there is no sound output: plug in a speaker or start the sound server")
    if wanted == "":
        return next((one for one in known if one.default), known[0])
    found = _matching(known, str(wanted).casefold())
    if found is None:
        near = difflib.get_close_matches(str(wanted), [one.name for one in known], n=1)
        hint = f"did you mean {near[0]!r}?" if near else _names(known)
        raise Unavailable(f"there is no sound output {wanted!r} ([drivers.audio] device): {hint}")
    return found


def _matching(known: Sequence[Speaker], wanted: str) -> Speaker | None:
    """Return the first that fits best: by number, by whole name, by a part of the name."""
    numbered = (one for one in known if str(one.index) == wanted)
    exact = (one for one in known if one.name.casefold() == wanted)
    part = (one for one in known if wanted in one.name.casefold() and not wanted.isdecimal())
    return next((one for found in (numbered, exact, part) for one in found), None)


def _names(known: Sequence[Speaker]) -> str:
    return "there are " + ", ".join(f"{one.name!r}" for one in known)
