"""Opening the driver: the secret, the certificates, the broker and its version of MQTT."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from paho.mqtt.enums import MQTTProtocolVersion

from mirrord.driver import ConfigError, Host, Refused, Unavailable, read_secret
from mirrord_thermostat.link import Denied, Heard, Link, ProtocolTooNew, linked
from mirrord_thermostat.network import Broker, trusting
from mirrord_thermostat.room import Room
from mirrord_thermostat.settings import BrokerSettings

log = logging.getLogger(__name__)

OLD = "3.1.1"


@asynccontextmanager
async def open_thermostat(settings: BrokerSettings, host: Host) -> AsyncIterator[Room]:
    """Connect to the broker; on leaving, give every device back as it was found."""
    if not settings.host:
        raise Refused("no MQTT broker is configured: set host in [drivers.thermostat]")
    broker = _broker(settings)
    room = Room(settings, host)
    async with AsyncExitStack() as stack:
        link = await _connected(stack, broker, host.memory, room.heard, room.denied)
        room.start(link)
        try:
            yield room
        finally:
            await room.leave()


async def _connected(
    stack: AsyncExitStack,
    broker: Broker,
    memory: MutableMapping[str, Any],
    heard: Heard,
    denied: Denied,
) -> Link:
    """Connect with MQTT 5, or with 3.1.1 where the broker wants that; remember which."""
    key = f"mqtt:{broker.where}"
    if memory.get(key) != OLD:
        five = linked(broker, MQTTProtocolVersion.MQTTv5, heard, denied)
        try:
            return await stack.enter_async_context(five)
        except ProtocolTooNew as reason:
            log.debug("%s; trying MQTT 3.1.1", reason)
    three = linked(broker, MQTTProtocolVersion.MQTTv311, heard, denied)
    try:
        link = await stack.enter_async_context(three)
    except ProtocolTooNew as reason:
        memory.pop(key, None)
        raise Unavailable(f"{reason}: is it a broker, and is tls set right?") from None
    except Unavailable:
        memory.pop(key, None)  # it may come back as a newer one
        raise
    memory[key] = OLD
    return link


def _broker(settings: BrokerSettings) -> Broker:
    """Read the secret and the certificates. Raises Refused."""
    try:
        password = read_secret(settings.password_file) if settings.password_file else ""
    except ConfigError as error:
        raise Refused(str(error)) from None
    return Broker(
        settings.host,
        settings.port,
        settings.keepalive_s,
        settings.username,
        password,
        _trust(settings.ca_file) if settings.tls else None,
    )


def _trust(ca_file: str) -> ssl.SSLContext:
    try:
        return trusting(ca_file)
    except OSError:
        raise Refused(f"ca_file {ca_file} cannot be read as certificates (PEM)") from None
