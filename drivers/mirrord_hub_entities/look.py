"""How a light shines: what is wished of it, what it says, how it was found. Pure."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from mirrord.lamp_colour import COOLEST, WARMEST, Point, to_hex, to_xy, white

Trait = Literal["brightness", "tint"]
TRAITS: tuple[Trait, ...] = ("brightness", "tint")


class Look(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parts that are known or asked; None for the others.

    brightness 0..1. The tint is a colour ("#RRGGBB", at its brightest) or a white, in mired; never
    both. `extra`: what else has to be put back (an effect), in the convention's own words.
    """

    on: bool | None = None
    brightness: float | None = None
    color: str | None = None
    mired: float | None = None
    extra: str | None = None

    @property
    def point(self) -> Point | None:
        """The chromaticity of its tint."""
        if self.color is not None:
            return to_xy(self.color)
        return None if self.mired is None else white(min(WARMEST, max(COOLEST, self.mired)))

    @property
    def shown(self) -> str | None:
        """The tint as "#RRGGBB"."""
        return self.color if self.color or self.point is None else to_hex(self.point)

    def part(self, trait: Trait) -> Look:
        """Return one trait alone."""
        if trait == "brightness":
            return Look(brightness=self.brightness)
        return Look(color=self.color, mired=self.mired, extra=self.extra)

    def without(self, trait: Trait) -> Look:
        """Return the look with one trait unknown."""
        if trait == "brightness":
            return msgspec.structs.replace(self, brightness=None)
        return msgspec.structs.replace(self, color=None, mired=None, extra=None)

    def joined(self, news: Look) -> Look:
        """Return the look once `news` has changed it."""
        tinted = self if news.point is None else news
        return Look(
            on=self.on if news.on is None else news.on,
            brightness=self.brightness if news.brightness is None else news.brightness,
            color=tinted.color,
            mired=tinted.mired,
            extra=self.extra if news.extra is None else news.extra,
        )


NOTHING = Look()


def apart(one: Look, other: Look, trait: Trait) -> float:
    """Return how far two looks are apart in a trait: of 0..1, or in xy. 0 where one is unknown."""
    if trait == "brightness":
        known = one.brightness is not None and other.brightness is not None
        return abs((one.brightness or 0.0) - (other.brightness or 0.0)) if known else 0.0
    if one.point is None or other.point is None:
        return 0.0
    return math.dist(one.point, other.point)
