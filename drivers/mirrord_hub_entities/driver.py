"""Opening the driver: one connection to the broker, and the lights behind it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from mirrord.driver import Host
from mirrord.mqtt.driver import opened
from mirrord_hub_entities.room import Room
from mirrord_hub_entities.settings import HubEntitiesSettings


def open_lights(settings: HubEntitiesSettings, host: Host) -> AbstractAsyncContextManager[Room]:
    """Connect to the broker; on leaving, put every light back as it was found."""
    return opened(settings, "hub_entities", host.memory, Room(settings, host))
