"""The word for a colour, as a code that a language has a name for. Pure."""

from __future__ import annotations

import math
from typing import Final, Literal

from mirrord.colour import to_lab

ColourWord = Literal[
    "white", "warm_white", "cool_white",
    "red", "orange_red", "orange", "golden", "yellow", "lime", "green",
    "turquoise", "teal", "blue", "blue_violet", "violet", "magenta", "pink",
]  # fmt: skip
# Hues in degrees of OKLCh up to which a word goes.
_HUES: Final[tuple[tuple[float, ColourWord], ...]] = (
    (12, "pink"),
    (33, "red"),
    (45, "orange_red"),
    (70, "orange"),
    (97, "golden"),
    (118, "yellow"),
    (137, "lime"),
    (163, "green"),
    (190, "turquoise"),
    (228, "teal"),
    (268, "blue"),
    (287, "blue_violet"),
    (322, "violet"),
    (338, "magenta"),
    (360, "pink"),
)
_GREY: Final = 0.012  # chroma below which no hue is seen
_PALE: Final = 0.045  # and below which it is a white with a tint
_WARM: Final = range(20, 125)
_FULL: Final = 0.09  # chroma from which a colour is itself rather than pale


def colour_word(colour: str) -> ColourWord:
    """Return the word for "#RRGGBB" as light. Raises ValueError for any other text."""
    chroma, green_red, blue_yellow = _chroma(colour)
    hue = math.degrees(math.atan2(blue_yellow, green_red)) % 360
    if chroma < _GREY:
        return "white"
    if chroma < _PALE:
        return "warm_white" if int(hue) in _WARM else "cool_white"
    return next(word for border, word in _HUES if hue <= border)


def is_pale(colour: str) -> bool:
    """Tell whether a colour that has a hue is a pale one."""
    return _PALE <= _chroma(colour)[0] < _FULL


def _chroma(colour: str) -> tuple[float, float, float]:
    _, green_red, blue_yellow = to_lab(colour)
    return math.hypot(green_red, blue_yellow), green_red, blue_yellow
