"""WLED: `<device topic>/api` takes its JSON API, `/g`, `/c`, `/v` and `/status` tell its state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from mirrord.lamp_colour import to_rgb
from mirrord.mqtt import Message
from mirrord.mqtt.payload import Junk, number_within, text
from mirrord.mqtt.source import Source, online
from mirrord_hub_entities.colours import from_level, read_colour, to_level
from mirrord_hub_entities.convention import Abilities, Manner, Report
from mirrord_hub_entities.look import Look

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings

TOP = 255.0
LONGEST = 65_535  # tenths of a second
SILENT = (
    "it has not told its state yet: in WLED, Config, Sync, MQTT, switch on "
    '"Retain brightness & color messages"'
)
_COLOUR = re.compile(r"#([0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})")
_EFFECT = re.compile(r"<fx>(\d{1,3})</fx>")


class Wled:
    """`tt` fades this command alone; `transition` would change the setting of the device.

    `extra` is the effect and the colour with its white channel, "<fx>/<WWRRGGBB>".
    """

    manner = Manner(silent=SILENT)
    abilities = Abilities(dims=True, colours=True)
    ready = True

    def __init__(self, settings: LightSettings) -> None:
        self._topic = settings.topic
        self._online = (Source(f"{self._topic}/status"),)
        self._effect, self._code = "0", ""

    def topics(self) -> frozenset[str]:
        return frozenset(f"{self._topic}/{one}" for one in ("g", "c", "v", "status"))

    def queries(self) -> tuple[Message, ...]:
        return ()  # there is no question that WLED answers over MQTT

    def decode(self, topic: str, payload: bytes) -> Report:
        said = text(payload)
        if topic == f"{self._topic}/g":
            level = number_within(said, 0, TOP)
            return Report(Look(on=level > 0, brightness=from_level(level, TOP)))
        if topic == f"{self._topic}/c":
            return Report(self._coloured(said))
        if topic == f"{self._topic}/v":
            effect = _EFFECT.search(said[:10_000])
            self._effect = effect[1] if effect else self._effect
            return Report(Look(extra=self._extra))
        return Report(online=online(self._online, topic, payload))

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        if look.on is False:
            return (self._message({"on": False, "tt": 0}),)
        body: dict[str, Any] = {"tt": min(LONGEST, round(10 * fade_s))}
        if look.on:
            body["on"] = True
        if look.brightness is not None:
            body["bri"] = to_level(look.brightness, TOP)
        if look.color is not None:
            body["seg"] = _segment(look.color, look.extra)
        return (self._message(body),)

    @property
    def _extra(self) -> str | None:
        return f"{self._effect}/{self._code}" if self._code else None

    def _coloured(self, said: str) -> Look:
        code = _COLOUR.fullmatch(said)
        if code is None:
            raise Junk("no colour")
        self._code = (code[1] or "00") + code[2]
        return Look(color=read_colour(code[2]), extra=self._extra)

    def _message(self, body: dict[str, Any]) -> Message:
        return Message(f"{self._topic}/api", msgspec.json.encode(body).decode())


def _segment(colour: str, extra: str | None) -> dict[str, Any]:
    """Return what all selected segments show: a plain colour, or what `extra` remembers."""
    effect, _, code = (extra or "").partition("/")
    if not code:
        return {"fx": 0, "col": [list(to_rgb(colour))]}
    white, red, green, blue = bytes.fromhex(code)
    return {"fx": int(effect), "col": [[red, green, blue, white]]}
