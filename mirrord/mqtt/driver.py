"""What every driver behind a broker shares: its settings, and a room on one connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from msgspec import Meta

from mirrord.errors import Refused
from mirrord.mqtt.connect import connected, secret_in, trusting
from mirrord.mqtt.link import Link
from mirrord.mqtt.network import Broker

# Wildcards in a topic that is published to would be a protocol error.
Topic = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^#+\x00]*$")]
OptionalTopic = Annotated[str, Meta(max_length=500, pattern=r"^[^#+\x00]*$")]
Name = Annotated[str, Meta(max_length=60)]


class BrokerTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to get in. `tls = true` trusts the system's authorities, or those of `ca_file`."""

    host: Annotated[str, Meta(max_length=253)] = ""
    port: Annotated[int, Meta(ge=1, le=65_535)] = 1883
    username: str = ""
    password_file: str = ""
    tls: bool = False
    ca_file: str = ""
    keepalive_s: Annotated[int, Meta(ge=1, le=600)] = 15

    def __post_init__(self) -> None:
        if self.password_file and not self.username:
            raise ValueError("password_file needs a username")
        if self.ca_file and not self.tls:
            raise ValueError("ca_file needs tls = true")


class Room(Protocol):
    """What is behind the broker."""

    def start(self, link: Link) -> None:
        """Subscribe, and ask the devices for their state."""

    def heard(self, topic: str, payload: bytes, _retained: bool) -> None: ...
    def denied(self, topic: str, why: str) -> None: ...
    async def leave(self) -> None:
        """Give every device back as it was found."""


R = TypeVar("R", bound=Room)


@asynccontextmanager
async def opened(
    table: BrokerTable, driver: str, memory: MutableMapping[str, Any], room: R
) -> AsyncIterator[R]:
    """Connect a room to the broker of `[drivers.<driver>]`; on leaving, let it give back.

    Raises Unavailable or Refused.
    """
    if not table.host:
        raise Refused(f"no MQTT broker is configured: set host in [drivers.{driver}]")
    broker = Broker(
        table.host,
        table.port,
        table.keepalive_s,
        table.username,
        secret_in(table.password_file),
        trusting(table.ca_file) if table.tls else None,
    )
    async with connected(broker, memory, room.heard, room.denied) as link:
        room.start(link)
        try:
            yield room
        finally:
            await room.leave()
