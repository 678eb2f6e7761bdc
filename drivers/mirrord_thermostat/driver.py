"""Opening the driver: one connection to the broker, and the room behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirrord.driver import Host, Refused
from mirrord.mqtt import Broker, connected, secret_in, trusting
from mirrord_thermostat.room import Room
from mirrord_thermostat.settings import BrokerSettings


@asynccontextmanager
async def open_thermostat(settings: BrokerSettings, host: Host) -> AsyncIterator[Room]:
    """Connect to the broker; on leaving, give every device back as it was found."""
    if not settings.host:
        raise Refused("no MQTT broker is configured: set host in [drivers.thermostat]")
    broker = Broker(
        settings.host,
        settings.port,
        settings.keepalive_s,
        settings.username,
        secret_in(settings.password_file),
        trusting(settings.ca_file) if settings.tls else None,
    )
    room = Room(settings, host)
    async with connected(broker, host.memory, room.heard, room.denied) as link:
        room.start(link)
        try:
            yield room
        finally:
            await room.leave()
