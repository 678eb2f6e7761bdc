"""A lamp as its bridge describes it: what it can do, how it is, and how to put it back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec

from mirrord.driver import Device, Value
from mirrord.lamp_colour import COOLEST, WARMEST, hs_to_hex, to_hex, white
from mirrord_hue.colour import Gamut, area, from_bri, gamut_of

LOG = logging.getLogger(__name__)

WARM_WHITE = 370  # mired, 2700 K: what a lamp of fixed white usually is
Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]
Word = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Coordinate = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
_KEPT = ("on", "bri", "colormode", "xy", "ct", "hue", "sat", "effect")


class State(msgspec.Struct, frozen=True):
    """The part of a light's `state` that matters here; what a lamp does not have is None."""

    on: bool = False
    bri: Byte | None = None
    hue: Word | None = None
    sat: Byte | None = None
    xy: tuple[Coordinate, Coordinate] | None = None
    ct: Word | None = None
    effect: str | None = None
    colormode: str | None = None
    reachable: bool = True


class _Whites(msgspec.Struct, frozen=True):
    min: int = COOLEST
    max: int = WARMEST


_Corner = tuple[Coordinate, Coordinate]


class _Control(msgspec.Struct, frozen=True):
    colorgamut: tuple[_Corner, _Corner, _Corner] | None = None
    ct: _Whites = _Whites()


class _Capabilities(msgspec.Struct, frozen=True):
    control: _Control = _Control()


class _Light(msgspec.Struct, frozen=True):
    state: State
    name: str = ""
    modelid: str = ""
    uniqueid: str = ""
    capabilities: _Capabilities = _Capabilities()


@dataclass(frozen=True, slots=True)
class Lamp:
    """One light. Without colour `gamut` is None, without white tones `whites` (mired) is."""

    number: str
    name: str
    id: str
    gamut: Gamut | None
    whites: tuple[int, int] | None
    state: State

    @property
    def dims(self) -> bool:
        """Whether it is a lamp at all: a plug only switches, and may feed anything."""
        return self.state.bri is not None

    @property
    def device_id(self) -> str:
        return f"hue-{self.id}"

    def changed(self, body: Mapping[str, Any]) -> Lamp:
        """Return the lamp as it is once it has taken of a command what it understands."""
        has = msgspec.structs.asdict(self.state)
        taken = {key: value for key, value in body.items() if has.get(key) is not None}
        if not taken.get("on", self.state.on):
            taken = {key: value for key, value in taken.items() if key == "on"}
        for key, mode in (("hue", "hs"), ("sat", "hs"), ("ct", "ct"), ("xy", "xy")):
            if key in taken and self.state.colormode is not None:
                taken["colormode"] = mode
        return replace(self, state=msgspec.structs.replace(self.state, **taken))

    def away(self) -> Lamp:
        """Return the lamp out of the bridge's reach."""
        return replace(self, state=msgspec.structs.replace(self.state, reachable=False))

    def device(self, held: bool = False) -> Device:
        """Return the lamp for the page; `held`: a person changed it elsewhere."""
        values: dict[str, Value] = {
            "on": self.state.on,
            "color": self._colour(),
            "brightness": round(from_bri(self.state.bri or 0), 3),
            "reachable": self.state.reachable,
            "held": held,
        }
        return Device(self.device_id, "lamp", self.name, values)

    def _colour(self) -> str:
        state = self.state
        if state.colormode == "ct" and state.ct:
            return to_hex(white(min(WARMEST, max(COOLEST, state.ct))))
        if state.colormode == "hs" and state.hue is not None and state.sat is not None:
            return hs_to_hex(state.hue / 65_535 * 360.0, state.sat / 254)
        if self.gamut is not None and state.xy is not None:
            return to_hex(state.xy)
        return to_hex(white(WARM_WHITE))


def read_lamps(lights: Mapping[str, Any]) -> dict[str, Lamp]:
    """Return the lights of GET /lights by number, leaving out what makes no sense."""
    lamps = {}
    for number, light in lights.items():
        try:
            lamps[number] = _lamp(number, msgspec.convert(light, _Light))
        except msgspec.ValidationError as error:
            LOG.debug("light %s of the bridge is described strangely: %s", number, error)
    return lamps


def _lamp(number: str, light: _Light) -> Lamp:
    state, control = light.state, light.capabilities.control
    gamut = None
    if state.xy is not None or state.hue is not None:
        told = control.colorgamut
        # Lamps of other makes may tell a gamut of zeros, or whites of every number.
        gamut = told if told is not None and area(told) > 0.01 else gamut_of(light.modelid)
    whites = None
    if state.ct is not None:
        coolest, warmest = max(COOLEST, control.ct.min), min(WARMEST, control.ct.max)
        whites = (coolest, warmest) if coolest < warmest else (COOLEST, WARMEST)
    name = light.name or f"Light {number}"
    return Lamp(number, name, light.uniqueid or number, gamut, whites, state)


def found(lamp: Lamp) -> dict[str, Any]:
    """Return what has to be known to put the lamp back, as plain data."""
    state = msgspec.structs.asdict(lamp.state)
    kept = {key: state[key] for key in _KEPT if state[key] is not None}
    if "xy" in kept:
        kept["xy"] = list(kept["xy"])
    return kept


def restoring(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the commands that put a lamp back into a found state, in their order.

    A lamp found on is not switched on: if it is off by now, a person did that. One found off takes
    its colour and brightness back first, since a lamp that is off takes neither.
    """
    mode = state.get("colormode")
    keys = {"xy": ["xy"], "ct": ["ct"], "hs": ["hue", "sat"]}.get(str(mode), [])
    look = {key: state[key] for key in ["bri", *keys] if key in state}
    if state.get("effect") == "colorloop":
        look["effect"] = "colorloop"
    commands = [look] if look else []
    return commands if state.get("on") else [*commands, {"on": False}]
