"""Tasmota lights: `cmnd/<topic>/...`, `stat/<topic>/RESULT`, `tele/<topic>/STATE`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mirrord.lamp_colour import to_hs
from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, document, number_within
from mirrord.mqtt.source import Source, online, word
from mirrord_hub_entities.colours import from_level, read_hs, to_level
from mirrord_hub_entities.convention import WHITES, Abilities, Manner, Report
from mirrord_hub_entities.look import Look

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings

TOP = 100.0
SLOWEST = 40  # Speed counts half seconds


class Tasmota:
    """Fading is a setting of the device, `Fade` and `Speed`: it is put back like the light."""

    manner = Manner()
    ready = True

    def __init__(self, settings: LightSettings) -> None:
        self._topic = settings.topic
        self._state = {f"stat/{self._topic}/RESULT", f"tele/{self._topic}/STATE"}
        self._online = (Source(f"tele/{self._topic}/LWT"),)
        self._level = round(TOP)
        self._fading = ""  # as it is set now: "ON 4"
        self.abilities = Abilities()

    def topics(self) -> frozenset[str]:
        return frozenset(self._state | {source.topic for source in self._online})

    def queries(self) -> tuple[Message, ...]:
        return (Message(f"cmnd/{self._topic}/State"),)

    def decode(self, topic: str, payload: bytes) -> Report:
        if topic not in self._state:
            return Report(online=online(self._online, topic, payload))
        value = document(payload)
        if not isinstance(value, Mapping):
            raise Junk("no JSON object")
        look = self._look(value)
        self.abilities = self._learned(value)
        return Report(look)

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        if look.on is False:
            return (self._say([*_fading(look.extra), "Power OFF"]),)
        if look.brightness is not None:
            self._level = to_level(look.brightness, TOP)
        wanted = "OFF 1" if look.extra else _speed(fade_s)
        words = _fading(wanted) if wanted != self._fading else []
        words += self._words(look)
        if look.on:
            words.append("Power ON")
        self._fading = look.extra or wanted
        return (self._say([*words, *_fading(look.extra)]),)

    def _words(self, look: Look) -> list[str]:
        level = [] if look.brightness is None else [f"Dimmer {self._level}"]
        if look.color is not None:
            hue, saturation = to_hs(look.color)
            return [f"HSBColor {round(hue)},{round(100 * saturation)},{self._level}"]
        return level if look.mired is None else [f"CT {round(look.mired)}", *level]

    def _say(self, words: list[str]) -> Message:
        return Message(f"cmnd/{self._topic}/Backlog0", ";".join(words))

    def _look(self, value: Mapping[str, Any]) -> Look:
        power, level = value.get("POWER", value.get("POWER1")), value.get("Dimmer")
        colour, mired = _tint(value)
        if level is not None:
            self._level = max(1, round(number_within(level, 0, TOP)))
        if "Fade" in value and "Speed" in value:
            fading = word(value["Fade"]).upper()
            self._fading = f"{fading} {round(number_within(value['Speed'], 0, SLOWEST))}"
        return Look(
            on=None if power is None else word(power) == "on",
            brightness=None if level is None else from_level(level, TOP),
            color=colour,
            mired=mired,
            extra=self._fading or None,
        )

    def _learned(self, value: Mapping[str, Any]) -> Abilities:
        known = self.abilities
        return Abilities(
            dims=known.dims or "Dimmer" in value,
            colours=known.colours or "HSBColor" in value,
            whites=known.whites or (WHITES if "CT" in value else None),
        )


def _tint(value: Mapping[str, Any]) -> tuple[str | None, float | None]:
    """Return the colour, or the white where only the white lamps shine."""
    said, white = value.get("HSBColor"), value.get("CT")
    parts = said.split(",") if isinstance(said, str) else []
    dark = len(parts) == 3 and number_within(parts[2], 0, 100) == 0
    if white is not None and (said is None or (dark and value.get("White"))):
        return None, number_within(white, 100, 600)
    if said is None:
        return None, None
    if len(parts) != 3:
        raise Junk("no HSBColor")
    return read_hs(parts[0], parts[1]), None


def _speed(fade_s: float) -> str:
    return f"ON {min(SLOWEST, max(1, round(2 * fade_s)))}" if fade_s >= 0.25 else "OFF 1"


def _fading(setting: str | None) -> list[str]:
    """Return the commands for "ON 4"."""
    fade, _, speed = (setting or "").partition(" ")
    return [f"Fade {fade}", f"Speed {speed}"] if fade else []
