"""One message to publish."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A payload for a topic; `retain` asks the broker to keep it for those who come later."""

    topic: str
    payload: str = ""
    retain: bool = False
    qos: int = 1
