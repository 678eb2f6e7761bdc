"""A simulated Hue lamp: what the bridge says of it, and the light that it really gives."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mirrord.simulator.bridge_colour import GAMUTS, Point, closest, tint, white

DEFAULT_FADE_DS = 4  # tenths of a second: the 400 ms of every Hue lamp
WHITE_RANGE = (153, 500)  # mired


@dataclass(frozen=True, slots=True)
class Model:
    """What a kind of lamp can do. Without `bri` it is a plug that only switches."""

    type: str
    product: str
    gamut: str | None = None
    whites: tuple[int, int] | None = None  # mired
    bri: bool = True


MODELS = {
    "LCT001": Model("Extended color light", "Hue bulb A19", "B", WHITE_RANGE),
    "LCT016": Model("Extended color light", "Hue color lamp", "C", WHITE_RANGE),
    "LST001": Model("Color light", "Hue lightstrip", "A"),
    "LTW012": Model("Color temperature light", "Hue ambiance candle", None, (153, 454)),
    "LWB014": Model("Dimmable light", "Hue white lamp"),
    "LOM001": Model("On/Off plug-in unit", "Hue smart plug", bri=False),
}


@dataclass(frozen=True, slots=True)
class Light:
    """What a lamp emits: brightness 0 (dark) .. 1, and the colour, None for a plain white lamp."""

    brightness: float
    xy: Point | None


def error(number: int, address: str, description: str) -> dict[str, Any]:
    """Return one error of a bridge's answer."""
    return {"error": {"type": number, "address": address, "description": description}}


class SimulatedLamp:
    """A lamp that fades; `state` is what was commanded, as a bridge reports it."""

    def __init__(
        self, name: str, model: str = "LCT016", *, on: bool = True, reachable: bool = True
    ) -> None:
        self.name = name
        self.model_id = model
        self.model = MODELS[model]
        self.state: dict[str, Any] = {"on": on}
        if self.model.bri:
            self.state["bri"] = 144
        if self.model.gamut:
            self.state |= {"hue": 8402, "sat": 140, "effect": "none", "xy": [0.4573, 0.41]}
        if self.model.whites:
            self.state["ct"] = 366
        if self.model.gamut or self.model.whites:
            self.state["colormode"] = "ct" if self.model.whites else "xy"
        self.state |= {"alert": "none", "mode": "homeautomation", "reachable": reachable}
        self._derive()
        self._from = self._to = self._target()
        self._since = self._fade_s = 0.0

    def command(self, body: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
        """Carry out PUT <place>/state with `body`, and return the bridge's answer to it."""
        on = body.get("on") if isinstance(body.get("on"), bool) else self.state["on"]
        answers, accepted = [], {}
        for name, value in body.items():
            problem = self._problem(name, value, bool(on), f"{place}/{name}")
            if problem is None:
                accepted[name] = value
            answers.append(problem or {"success": {f"{place}/{name}": value}})
        self._change(accepted)
        return answers

    def light(self) -> Light:
        """Return what the lamp gives off at this moment, in the middle of a fade or not."""
        passed = time.monotonic() - self._since
        share = 1.0 if passed >= self._fade_s else passed / self._fade_s
        start, end = self._from, self._to
        brightness = start.brightness + share * (end.brightness - start.brightness)
        if start.xy is None or end.xy is None:
            return Light(brightness, end.xy)
        x, y = (a + share * (b - a) for a, b in zip(start.xy, end.xy, strict=True))
        return Light(brightness, (x, y))

    def describe(self, number: str) -> dict[str, Any]:
        """Return the lamp as GET /lights/<number> shows it."""
        control: dict[str, Any] = {}
        if self.model.gamut:
            corners = [list(corner) for corner in GAMUTS[self.model.gamut]]
            control |= {"colorgamuttype": self.model.gamut, "colorgamut": corners}
        if self.model.whites:
            control["ct"] = {"min": self.model.whites[0], "max": self.model.whites[1]}
        return {
            "state": dict(self.state),
            "type": self.model.type,
            "name": self.name,
            "modelid": self.model_id,
            "manufacturername": "Signify Netherlands B.V.",
            "productname": self.model.product,
            "capabilities": {"certified": True, "control": control},
            "uniqueid": f"00:17:88:01:00:00:00:{int(number) % 256:02x}-0b",
            "swversion": "1.104.2",
        }

    def _problem(self, name: str, value: Any, on: bool, address: str) -> dict[str, Any] | None:
        valid = _PARAMETERS.get(name)
        if valid is None or (name not in self.state and name != "transitiontime"):
            return error(6, address, f"parameter, {name}, not available")
        if not valid(value):
            return error(7, address, f"invalid value, {value}, for parameter, {name}")
        if not on and name not in ("on", "transitiontime"):
            return error(
                201, address, f"parameter, {name}, is not modifiable. Device is set to off."
            )
        return None

    def _change(self, accepted: dict[str, Any]) -> None:
        start = self.light()
        fade_ds = accepted.pop("transitiontime", DEFAULT_FADE_DS)
        if "xy" in accepted and self.model.gamut:
            accepted["xy"] = list(closest(tuple(accepted["xy"]), GAMUTS[self.model.gamut]))
        # xy beats ct beats hue and saturation when a command holds several.
        for mode, names in (("hs", ("hue", "sat")), ("ct", ("ct",)), ("xy", ("xy",))):
            if any(name in accepted for name in names):
                self.state["colormode"] = mode
        self.state.update(accepted)
        self._derive()
        if accepted:
            self._from, self._to = start, self._target()
            self._since, self._fade_s = time.monotonic(), fade_ds / 10

    def _derive(self) -> None:
        """Show the xy of a colour that was given otherwise, as a bridge does."""
        mode = self.state.get("colormode")
        if "xy" in self.state and mode in ("ct", "hs"):
            point = white(self.state["ct"]) if mode == "ct" else self._tint()
            self.state["xy"] = [round(point[0], 4), round(point[1], 4)]

    def _tint(self) -> Point:
        return tint(self.state["hue"], self.state["sat"])

    def _target(self) -> Light:
        brightness = self.state.get("bri", 254) / 254 if self.state["on"] else 0.0
        if "xy" in self.state:
            return Light(brightness, (self.state["xy"][0], self.state["xy"][1]))
        return Light(brightness, white(self.state["ct"]) if "ct" in self.state else None)


def _between(low: float, high: float, kind: type[int | float] = int) -> Callable[[Any], bool]:
    kinds = (int,) if kind is int else (int, float)
    return lambda value: type(value) in kinds and low <= value <= high


def _pair(value: Any) -> bool:
    coordinate = _between(0.0, 1.0, float)
    return isinstance(value, list) and len(value) == 2 and all(map(coordinate, value))


_PARAMETERS: dict[str, Callable[[Any], bool]] = {
    "on": lambda value: isinstance(value, bool),
    "bri": _between(1, 254),
    "hue": _between(0, 65535),
    "sat": _between(0, 254),
    "xy": _pair,
    "ct": _between(*WHITE_RANGE),
    "alert": lambda value: value in ("none", "select", "lselect"),
    "effect": lambda value: value in ("none", "colorloop"),
    "transitiontime": _between(0, 65535),
}
