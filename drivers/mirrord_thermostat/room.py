"""What is behind the broker: thermostats, humidifiers and sensors."""

from __future__ import annotations

import asyncio
import logging

from mirrord.driver import Environment, Host
from mirrord.mqtt import Link
from mirrord.mqtt.roster import Roster
from mirrord_thermostat.actuator import Actuator
from mirrord_thermostat.humidifier import Humidifier
from mirrord_thermostat.sensor import Sensor
from mirrord_thermostat.settings import BrokerSettings
from mirrord_thermostat.thermostat import Thermostat

log = logging.getLogger(__name__)

SOON_S = 0.25  # after a message, until what belongs to it has come too
RESTORE_S = 2.0  # how long leaving waits for the devices to confirm what was found


class Room:
    """Steers what can be steered. Everything here runs on the event loop."""

    def __init__(self, settings: BrokerSettings, host: Host) -> None:
        self._actuators: list[Actuator] = [
            *(Thermostat(one, host.memory) for one in settings.thermostats),
            *(Humidifier(one, host.memory) for one in settings.humidifiers),
        ]
        sensors = [Sensor(one) for one in settings.sensors]
        self._roster = Roster([*self._actuators, *sensors], host.report)
        self._loop = asyncio.get_running_loop()
        self._environment: Environment | None = None
        self._changed = asyncio.Event()
        self._leaving = False
        self._soon: asyncio.TimerHandle | None = None

    def start(self, link: Link) -> None:
        """Subscribe, and ask the devices for their state."""
        self._roster.start(link)
        self._poll()
        self._roster.show()

    async def apply(self, environment: Environment) -> None:
        self._environment = environment
        self._roster.check()
        self._poll()
        self._steer()

    def heard(self, topic: str, payload: bytes, _retained: bool) -> None:
        """Take in a message, and steer soon: what belongs together comes in several messages."""
        self._roster.heard(topic, payload)
        if self._soon is None:
            self._soon = self._loop.call_later(SOON_S, self._steer)
        self._roster.show()
        self._changed.set()

    def denied(self, topic: str, why: str) -> None:
        """The broker does not let a command or a subscription through."""
        self._roster.denied(topic, why)

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
        while self._roster.alive:
            if self._roster.idle and all(one.restored for one in self._actuators):
                return
            self._changed.clear()
            try:
                async with asyncio.timeout(0.05):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _poll(self) -> None:
        for actuator in self._actuators:
            self._roster.send(actuator, *actuator.poll(self._loop.time()))

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
                self._roster.send(actuator, message)
        if any(actuator.just_met(now) for actuator in self._actuators):
            self._soon = self._loop.call_later(SOON_S, self._steer)
        self._roster.show()
