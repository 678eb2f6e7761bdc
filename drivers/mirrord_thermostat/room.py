"""What is behind the broker: thermostats, humidifiers and sensors."""

from __future__ import annotations

import asyncio
import logging

from mirrord.driver import Device, Environment, Host
from mirrord.mqtt import Link, Message
from mirrord_thermostat.actuator import Actuator
from mirrord_thermostat.humidifier import Humidifier
from mirrord_thermostat.sensor import Sensor
from mirrord_thermostat.settings import BrokerSettings
from mirrord_thermostat.thermostat import Thermostat

log = logging.getLogger(__name__)

SOON_S = 0.25  # after a message, until what belongs to it has come too
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
        self._leaving = False
        self._soon: asyncio.TimerHandle | None = None

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
        self._steer()

    def heard(self, topic: str, payload: bytes, _retained: bool) -> None:
        """Take in a message, and steer soon: what belongs together comes in several messages."""
        now = self._loop.time()
        for sensor in self._sensors:
            sensor.hear(topic, payload, now)
        for actuator in self._actuators:
            if topic not in actuator.topics():
                continue
            actuator.hear(topic, payload, now)
            if self._link is not None:
                self._link.subscribe(actuator.topics())
        if self._soon is None:
            self._soon = self._loop.call_later(SOON_S, self._steer)
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
        self._leaving = True
        self._steer()
        try:
            async with asyncio.timeout(RESTORE_S):
                await self._until_restored()
        except TimeoutError:
            log.info("not every device has confirmed its old setpoint; it is remembered")
        if self._soon is not None:
            self._soon.cancel()

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

    def _steer(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        now = self._loop.time()
        for actuator in self._actuators:
            message = None
            if self._leaving:
                message = actuator.give_back(now)
            elif self._environment is not None:
                message = actuator.steer(self._environment, now)
            if message is not None:
                self._send(actuator, message)
        self._show()

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
