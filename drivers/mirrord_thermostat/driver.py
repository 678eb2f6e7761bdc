"""Opening the driver: one connection to the broker, and the room behind it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from mirrord.driver import Host
from mirrord.mqtt.driver import opened
from mirrord_thermostat.room import Room
from mirrord_thermostat.settings import BrokerSettings


def open_thermostat(settings: BrokerSettings, host: Host) -> AbstractAsyncContextManager[Room]:
    """Connect to the broker; on leaving, give every device back as it was found."""
    return opened(settings, "thermostat", host.memory, Room(settings, host))
