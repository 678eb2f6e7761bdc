"""The driver: one broker, and the thermostats, humidifiers and sensors behind it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from paho.mqtt.enums import MQTTProtocolVersion

from mirrord.driver import (
    ConfigError,
    Device,
    Environment,
    Host,
    Refused,
    Unavailable,
    read_secret,
)
from mirrord_thermostat.actuator import Actuator
from mirrord_thermostat.convention import Message
from mirrord_thermostat.humidifier import Humidifier
from mirrord_thermostat.link import Denied, Heard, Link, ProtocolTooNew, linked
from mirrord_thermostat.network import Broker
from mirrord_thermostat.sensor import Sensor
from mirrord_thermostat.settings import BrokerSettings
from mirrord_thermostat.thermostat import Thermostat

log = logging.getLogger(__name__)

RESTORE_S = 2.0  # how long leaving waits for the devices to confirm what was found


class Room:
    """What is behind the broker. Everything here runs on the event loop."""

    def __init__(self, settings: BrokerSettings, host: Host) -> None:
        self._host = host
        self._sensors = [Sensor(one) for one in settings.sensors]
        self._actuators: list[Actuator] = [
            *(Thermostat(one, host.memory) for one in settings.thermostats),
            *(Humidifier(one, host.memory) for one in settings.humidifiers),
        ]
        self._devices: list[Actuator | Sensor] = [*self._actuators, *self._sensors]
        self._loop = asyncio.get_running_loop()
        self._environment: Environment | None = None
        self._link: Link | None = None
        self._commanded: dict[str, Actuator] = {}  # by the topic of the last command
        self._shown: dict[str, Device] = {}
        self._changed = asyncio.Event()

    def start(self, link: Link) -> None:
        """Subscribe, and ask the devices for their state."""
        self._link = link
        for one in self._devices:
            link.subscribe(one.topics())
        for actuator in self._actuators:
            self._send(actuator, *actuator.poll(self._loop.time()))
        self._show()

    async def apply(self, environment: Environment) -> None:
        self._environment = environment
        if self._link is not None:
            self._link.check()
        for actuator in self._actuators:
            self._send(actuator, *actuator.poll(self._loop.time()))
            self._steer(actuator, environment)
        self._show()

    def heard(self, topic: str, payload: bytes) -> None:
        """Take in a message, and answer at once where there is something to answer."""
        now = self._loop.time()
        for sensor in self._sensors:
            sensor.hear(topic, payload, now)
        for actuator in self._actuators:
            if topic not in actuator.topics():
                continue
            actuator.hear(topic, payload, now)
            if self._link is not None:
                self._link.subscribe(actuator.topics())
            if self._environment is not None:
                self._steer(actuator, self._environment)
        self._show()
        self._changed.set()

    def denied(self, topic: str, why: str) -> None:
        """The broker does not let a command or a subscription through."""
        for one in self._devices:
            if topic in one.topics() or self._commanded.get(topic) is one:
                one.refused(why)
        self._show()

    async def leave(self) -> None:
        """Give everything back, and wait a little for the devices to confirm."""
        self._environment = None
        for actuator in self._actuators:
            if message := actuator.give_back(self._loop.time()):
                self._send(actuator, message)
        try:
            async with asyncio.timeout(RESTORE_S):
                await self._until_restored()
        except TimeoutError:
            log.info("not every device has confirmed its old setpoint; it is remembered")

    async def _until_restored(self) -> None:
        while self._link is not None and self._link.alive:
            if self._link.idle and all(one.restored for one in self._actuators):
                return
            self._changed.clear()
            try:
                async with asyncio.timeout(0.05):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _steer(self, actuator: Actuator, environment: Environment) -> None:
        if message := actuator.steer(environment, self._loop.time()):
            self._send(actuator, message)

    def _send(self, actuator: Actuator, *messages: Message) -> None:
        for message in messages:
            self._commanded[message.topic] = actuator
            if self._link is not None:
                self._link.send(message)

    def _show(self) -> None:
        now = self._loop.time()
        for one in self._devices:
            device = one.device(now)
            if self._shown.get(device.id) != device:
                self._shown[device.id] = device
                self._host.report(device)


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
    """Connect with MQTT 5, or with 3.1.1 where the broker wants that, and remember which."""
    key = f"mqtt:{broker.where}"
    if memory.get(key) != "3.1.1":
        five = linked(broker, MQTTProtocolVersion.MQTTv5, heard, denied)
        try:
            return await stack.enter_async_context(five)
        except ProtocolTooNew as reason:
            if reason.certain:
                memory[key] = "3.1.1"
    three = linked(broker, MQTTProtocolVersion.MQTTv311, heard, denied)
    try:
        return await stack.enter_async_context(three)
    except ProtocolTooNew:
        memory.pop(key, None)
        raise Unavailable(f"{broker.where} hangs up: is it an MQTT broker, with TLS?") from None


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
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError):
        raise Refused(f"ca_file {ca_file} cannot be read as certificates (PEM)") from None
