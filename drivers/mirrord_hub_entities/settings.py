"""[drivers.hub_entities]: the broker and the lights behind it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mirrord.mqtt.driver import BrokerTable, Name, OptionalTopic, Topic
from mirrord.mqtt.kinds import check_kind
from mirrord_hub_entities.conventions import KINDS
from mirrord_hub_entities.conventions.generic import PLACES


class LightSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One light. The keys after `name` are for the kinds that need them."""

    kind: Annotated[str, Meta(examples=list(KINDS))]
    topic: Topic
    name: Name = ""
    command_topic: OptionalTopic = ""
    state_topic: OptionalTopic = ""
    command: str = ""
    off: str = "OFF"
    query_topic: OptionalTopic = ""
    query: str = ""
    on_field: str = ""
    brightness_field: str = ""
    color_field: str = ""
    brightness_scale: Annotated[float, Meta(ge=2.0, le=100_000.0)] = 255.0

    def __post_init__(self) -> None:
        check_kind(self, self.kind, KINDS, "light")
        if self.kind == "generic" and not any(one in self.command for one in PLACES):
            raise ValueError(f"command has to contain one of {', '.join(PLACES)}")


class HubEntitiesSettings(BrokerTable, frozen=True, forbid_unknown_fields=True):
    """The table itself: the broker, and the lights behind it."""

    hold_s: Annotated[float, Meta(ge=0.0, le=604_800.0)] = 7200.0
    lights: tuple[LightSettings, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        topics = [one.topic for one in self.lights]
        if twice := [topic for topic in topics if topics.count(topic) > 1]:
            raise ValueError(f"two lights have the topic {twice[0]!r}")
