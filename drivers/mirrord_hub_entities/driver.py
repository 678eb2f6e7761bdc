"""Opening the driver: one connection to the broker, and the lights behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirrord.driver import Host, Refused
from mirrord.mqtt import Broker, connected, secret_in, trusting
from mirrord_hub_entities.room import Room
from mirrord_hub_entities.settings import HubEntitiesSettings


@asynccontextmanager
async def open_lights(settings: HubEntitiesSettings, host: Host) -> AsyncIterator[Room]:
    """Connect to the broker; on leaving, put every light back as it was found."""
    if not settings.host:
        raise Refused("no MQTT broker is configured: set host in [drivers.hub_entities]")
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
