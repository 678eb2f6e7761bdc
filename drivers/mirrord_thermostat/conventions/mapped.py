"""A convention that is nothing but topics and fields: most of them are."""

from __future__ import annotations

from dataclasses import dataclass

from mirrord.mqtt import Message
from mirrord.mqtt.payload import number
from mirrord.mqtt.source import Sources, online, read, word
from mirrord_thermostat.convention import (
    NO_LIMITS,
    PROMPT,
    Command,
    Limits,
    Manner,
    Report,
)


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
        return Report(
            setpoint=None if setpoint is None else number(setpoint),
            measured=None if measured is None else number(measured),
            mode=None if mode is None else word(mode),
            online=online(self.online, topic, payload),
            limits=self.limits,
        )

    @property
    def ready(self) -> bool:
        return self.command is not None

    def encode(self, setpoint: float) -> Message:
        if self.command is None:
            raise ValueError("nothing is known of its command")
        return self.command.message(setpoint)
