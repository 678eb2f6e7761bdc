"""A convention that is nothing but topics and fields: most of them are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mirrord.mqtt import Message
from mirrord_thermostat.convention import (
    NO_LIMITS,
    PROMPT,
    Command,
    Limits,
    Manner,
    Report,
    Source,
)
from mirrord_thermostat.payload import Junk, at, document, number, text

Sources = tuple[Source, ...]
ONLINE = {"online": True, "true": True, "ready": True, "1": True, "on": True}


@dataclass(frozen=True, slots=True)
class Mapped:
    """Reads values where the sources say, and writes one command."""

    command: Command | None
    setpoint: Sources
    measured: Sources = ()
    mode: Sources = ()
    online: Sources = ()
    ask: tuple[Message, ...] = ()
    limits: Limits = NO_LIMITS
    manner: Manner = PROMPT

    def topics(self) -> frozenset[str]:
        every = self.setpoint + self.measured + self.mode + self.online
        return frozenset(source.topic for source in every)

    def queries(self) -> tuple[Message, ...]:
        return self.ask

    def decode(self, topic: str, payload: bytes) -> Report:
        setpoint = read(self.setpoint, topic, payload)
        measured = read(self.measured, topic, payload)
        mode = read(self.mode, topic, payload)
        online = read(self.online, topic, payload)
        return Report(
            setpoint=None if setpoint is None else number(setpoint),
            measured=None if measured is None else number(measured),
            mode=None if mode is None else word(mode),
            online=None if online is None else ONLINE.get(word(online), False),
            limits=self.limits,
        )

    @property
    def ready(self) -> bool:
        return self.command is not None

    def encode(self, setpoint: float) -> Message:
        if self.command is None:
            raise ValueError("nothing is known of its command")
        return self.command.message(setpoint)


def read(sources: Sources, topic: str, payload: bytes) -> Any:
    """Return what the first source that this message feeds says, or None. Raises Junk."""
    for source in sources:
        if source.topic != topic:
            continue
        value = at(document(payload), source.field) if source.field else text(payload)
        if value is not None and value != "":
            return dict(source.words).get(word(value), value)
    return None


def word(value: Any) -> str:
    """Return a mode or a state in lower case ("HEAT", true: "heat", "true"), or raise Junk."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if not isinstance(value, str) or len(value) > 60:
        raise Junk("no word")
    return value.strip().lower()
