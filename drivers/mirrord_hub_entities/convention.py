"""What the mirror asks of a convention: how lights of one family speak over MQTT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mirrord.lamp_colour import COOLEST, WARMEST
from mirrord.mqtt import Message
from mirrord_hub_entities.look import NOTHING, Look

WHITES = (COOLEST, WARMEST)  # mired; what a tunable white has that does not say


@dataclass(frozen=True, slots=True)
class Abilities:
    """What can be steered. Without colour `whites` (mired, from the coolest) may be there."""

    dims: bool = False
    colours: bool = False
    whites: tuple[int, int] | None = None


NO_ABILITIES = Abilities()


@dataclass(frozen=True, slots=True)
class Report:
    """What one message tells. `problem` is a sentence, or "" once it has passed."""

    look: Look = NOTHING
    online: bool | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How lights of a convention behave.

    settle_s: how long after a fade a report may still be one of before.
    silent: what to do about one that does not tell its state.
    calm: the `extra` of a light that shows a plain colour; "" where there is none.
    """

    settle_s: float = 4.0
    silent: str = "it has not told its state yet: is the topic right?"
    calm: str = ""


class Convention(Protocol):
    """One light, spoken to in its convention. Holds what the light has announced."""

    @property
    def manner(self) -> Manner: ...

    @property
    def abilities(self) -> Abilities:
        """What is known of it by now."""

    @property
    def ready(self) -> bool:
        """Whether it is known how to command it."""

    def topics(self) -> frozenset[str]:
        """Return the topics to subscribe to; may grow after `decode`. No wildcards."""

    def queries(self) -> tuple[Message, ...]:
        """Return what makes the light tell its state, and changes nothing."""

    def decode(self, topic: str, payload: bytes) -> Report:
        """Return what a message tells. Raises Junk if it is not what the convention says."""

    def encode(self, look: Look, fade_s: float) -> tuple[Message, ...]:
        """Return the commands for the parts of a look that are given. Only where `ready`."""
