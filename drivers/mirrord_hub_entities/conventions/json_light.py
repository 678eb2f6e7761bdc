"""Lights that speak JSON: `{"state", "brightness", "color", "color_temp", "transition"}`.

Home Assistant's JSON schema is the pattern; ESPHome and Zigbee2MQTT differ in details.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from mirrord.lamp_colour import to_hs, to_rgb, to_xy
from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, document, number_within
from mirrord.mqtt.source import Sources, online, word
from mirrord_hub_entities.colours import from_level, read_colour, to_level
from mirrord_hub_entities.convention import NO_ABILITIES, WHITES, Abilities, Manner, Report
from mirrord_hub_entities.look import Look

Form = Literal["xy", "rgb", "hs"]
PROMPT = Manner()


@dataclass(slots=True)
class JsonLight:
    """One light. `abilities` grow as it says more of itself, unless they were announced.

    says_on: every command has to hold "state". kelvin: whites are counted so, instead of mired.
    """

    command: str
    state: str
    online: Sources = ()
    ask: tuple[Message, ...] = ()
    top: float = 255.0
    form: Form = "rgb"
    says_on: bool = True
    kelvin: bool = False
    effects: bool = False
    manner: Manner = PROMPT
    abilities: Abilities = NO_ABILITIES
    announced: bool = False

    @property
    def ready(self) -> bool:
        return bool(self.command)

    def topics(self) -> frozenset[str]:
        return frozenset(
            one for one in (self.state, *(source.topic for source in self.online)) if one
        )

    def queries(self) -> tuple[Message, ...]:
        return self.ask

    def decode(self, topic: str, payload: bytes) -> Report:
        there = online(self.online, topic, payload)
        if topic != self.state:
            return Report(online=there)
        value = document(payload)
        if not isinstance(value, Mapping):
            raise Junk("no JSON object")
        look = self._look(value)
        if not self.announced:
            self.abilities = self._learned(value)
        return Report(look, there)

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        body: dict[str, Any] = {}
        if look.on is False:
            return (self._message({"state": "OFF"}),)
        if look.on or self.says_on:
            body["state"] = "ON"
        if look.brightness is not None:
            body["brightness"] = to_level(look.brightness, self.top)
        body |= self._tint(look)
        if look.extra is not None and self.effects:
            body["effect"] = look.extra
        return (self._message(body | {"transition": round(fade_s, 1)}),)

    def _look(self, value: Mapping[str, Any]) -> Look:
        state, level = value.get("state"), value.get("brightness")
        extra = value.get("effect") if self.effects else None
        colour, mired = self._shown(value)
        return Look(
            on=None if state is None else {"on": True, "off": False}.get(word(state)),
            brightness=None if level is None else from_level(level, self.top),
            color=colour,
            mired=mired,
            extra=extra[:60] if isinstance(extra, str) else None,
        )

    def _shown(self, value: Mapping[str, Any]) -> tuple[str | None, float | None]:
        """Return the colour or the white that shines now."""
        mode, colour, white = (value.get(key) for key in ("color_mode", "color", "color_temp"))
        if white is not None and (mode == "color_temp" or (mode is None and colour is None)):
            counted = number_within(white, 1, 100_000)
            return None, (1e6 / counted if self.kelvin else counted)
        return (read_colour(colour) if isinstance(colour, Mapping) else None), None

    def _learned(self, value: Mapping[str, Any]) -> Abilities:
        known = self.abilities
        whites = WHITES if value.get("color_temp") is not None else None
        return Abilities(
            dims=known.dims or value.get("brightness") is not None,
            colours=known.colours or isinstance(value.get("color"), Mapping),
            whites=known.whites or whites,
        )

    def _tint(self, look: Look) -> dict[str, Any]:
        if look.mired is not None:
            return {"color_temp": round(1e6 / look.mired if self.kelvin else look.mired)}
        if look.color is None:
            return {}
        if self.form == "xy":
            x, y = to_xy(look.color)
            return {"color": {"x": round(x, 4), "y": round(y, 4)}}
        if self.form == "hs":
            hue, saturation = to_hs(look.color)
            return {"color": {"h": round(hue, 1), "s": round(100 * saturation, 1)}}
        return {"color": dict(zip("rgb", to_rgb(look.color), strict=True))}

    def _message(self, body: dict[str, Any]) -> Message:
        return Message(self.command, msgspec.json.encode(body).decode())
