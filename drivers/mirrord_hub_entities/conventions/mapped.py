"""A convention that is nothing but topics, fields and templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mirrord.mqtt import Message
from mirrord.mqtt.payload import number_within
from mirrord.mqtt.source import Sources, online, read, word
from mirrord_hub_entities.colours import from_level, read_colour, to_level, words_for
from mirrord_hub_entities.convention import Abilities, Manner, Report
from mirrord_hub_entities.look import NOTHING, Look

PROMPT = Manner()
Reading = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Command:
    """A topic, and a payload in which {words} stand for values."""

    topic: str
    template: str

    def message(self, words: dict[str, str]) -> Message:
        payload = self.template
        for name, value in words.items():
            payload = payload.replace("{" + name + "}", value)
        return Message(self.topic, payload)


@dataclass(slots=True)
class Mapped:
    """Reads values where the sources say, and writes a command for each part of a look.

    Commands of one topic and template are sent once, with what is known of the other parts.
    """

    off: Command
    on: Command | None = None
    level: Command | None = None
    tint: Command | None = None
    white: Command | None = None
    on_at: Sources = ()
    level_at: Sources = ()
    tint_at: Sources = ()
    white_at: Sources = ()
    online: Sources = ()
    ask: tuple[Message, ...] = ()
    top: float = 255.0
    whites: tuple[int, int] | None = None
    read_tint: Reading = read_colour
    manner: Manner = PROMPT
    known: Look = NOTHING

    @property
    def ready(self) -> bool:
        return True

    @property
    def abilities(self) -> Abilities:
        return Abilities(self.level is not None, self.tint is not None, self.whites)

    def topics(self) -> frozenset[str]:
        every = self.on_at + self.level_at + self.tint_at + self.white_at + self.online
        return frozenset(source.topic for source in every)

    def queries(self) -> tuple[Message, ...]:
        return self.ask

    def decode(self, topic: str, payload: bytes) -> Report:
        on = read(self.on_at, topic, payload)
        level = read(self.level_at, topic, payload)
        tint = read(self.tint_at, topic, payload)
        white = read(self.white_at, topic, payload)
        look = Look(
            on=None if on is None else {"on": True, "true": True, "1": True}.get(word(on), False),
            brightness=None if level is None else from_level(level, self.top),
            color=None if tint is None else self.read_tint(tint),
            mired=None if white is None or tint is not None else number_within(white, 50, 1000),
        )
        self.known = self.known.joined(look)
        return Report(look, online(self.online, topic, payload))

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        if look.on is False:
            return (self.off.message({}),)
        self.known = self.known.joined(look)
        parts = (
            (self.tint, look.color),
            (self.white, look.mired),
            (self.level, look.brightness),
            (self.on, look.on),
        )
        commands = dict.fromkeys(one for one, value in parts if one and value is not None)
        words = self._words(fade_s)
        return tuple(command.message(words) for command in commands)

    def _words(self, fade_s: float) -> dict[str, str]:
        known = self.known
        level = 1.0 if known.brightness is None else known.brightness
        words = words_for(known.shown or "#FFFFFF")
        words |= {"brightness": str(to_level(level, self.top)), "transition": f"{fade_s:g}"}
        return words | {"mired": f"{known.mired or 370:.0f}"}
