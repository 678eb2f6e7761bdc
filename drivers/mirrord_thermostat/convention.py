"""What the mirror asks of a convention: how thermostats of one family speak over MQTT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mirrord.mqtt import Message
from mirrord.mqtt.payload import plain


@dataclass(frozen=True, slots=True)
class Limits:
    """What a device says it accepts; None where it says nothing."""

    low: float | None = None
    high: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What one message tells of a device; None where it tells nothing.

    Temperatures in °C, humidities in %. `problem` is a sentence, or "" once it has passed.
    """

    setpoint: float | None = None
    measured: float | None = None
    mode: str | None = None
    online: bool | None = None
    limits: Limits | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How devices of a convention behave.

    echoes: the first answer to a command may be a mere echo, taken back a moment later.
    settle_s: how long an answer may take.
    poll_s: how often to ask, where a change made by hand is not reported by itself.
    """

    echoes: bool = False
    settle_s: float = 10.0
    poll_s: float | None = None


NO_LIMITS, PROMPT = Limits(), Manner()


class Convention(Protocol):
    """One device, spoken to in its convention. Holds what the device has announced."""

    @property
    def manner(self) -> Manner: ...

    def topics(self) -> frozenset[str]:
        """Return the topics to subscribe to; may grow after `decode`. No wildcards."""

    def queries(self) -> tuple[Message, ...]:
        """Return what makes the device tell its state."""

    def decode(self, topic: str, payload: bytes) -> Report:
        """Return what a message tells. Raises Junk if it is not what the convention says."""

    @property
    def ready(self) -> bool:
        """Whether it is known how to say a setpoint."""

    def encode(self, setpoint: float) -> Message:
        """Return the command for a setpoint. Only where `ready`."""


@dataclass(frozen=True, slots=True)
class Command:
    """A topic and a payload in which {setpoint} stands for the number."""

    topic: str
    template: str = "{setpoint}"

    def message(self, setpoint: float) -> Message:
        return Message(self.topic, self.template.replace("{setpoint}", plain(setpoint)))
