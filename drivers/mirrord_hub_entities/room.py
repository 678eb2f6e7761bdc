"""The lights behind the broker."""

from __future__ import annotations

import asyncio
import logging
import math

from mirrord.driver import Environment, Host
from mirrord.mqtt import Link
from mirrord.mqtt.roster import Roster
from mirrord_hub_entities.light import Light
from mirrord_hub_entities.settings import HubEntitiesSettings

log = logging.getLogger(__name__)

SOON_S = 0.05  # after a message, until what belongs to it has come too
CLOSING_FADE_S = 1.0
RESTORE_S = 2.5  # how long leaving waits for the lights to confirm; the host grants 5 s


class Room:
    """Steers the lights. Everything runs on the event loop."""

    def __init__(self, settings: HubEntitiesSettings, host: Host) -> None:
        self._lights = [Light(one, host.memory, settings.hold_s) for one in settings.lights]
        self._roster = Roster(self._lights, host.report)
        self._loop = asyncio.get_running_loop()
        self._environment: Environment | None = None
        self._leaving = False
        self._alarm: asyncio.TimerHandle | None = None

    def start(self, link: Link) -> None:
        """Subscribe, and ask the lights for their state."""
        self._roster.start(link)
        self._poll()
        self._roster.show()

    async def apply(self, environment: Environment) -> None:
        self._environment = environment
        self._roster.check()
        self._poll()
        self._steer()

    def heard(self, topic: str, payload: bytes, _retained: bool) -> None:
        """Take in a message; whatever follows from it is sent in a moment."""
        self._roster.heard(topic, payload)
        self._wake(self._loop.time() + SOON_S)
        self._roster.show()

    def denied(self, topic: str, why: str) -> None:
        """The broker does not let a command or a subscription through."""
        self._roster.denied(topic, why)

    async def leave(self) -> None:
        """Put everything back, and wait a little for the lights to confirm."""
        self._leaving = True
        self._steer()
        try:
            async with asyncio.timeout(RESTORE_S):
                while not self._done():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.info("not every light has confirmed how it was found; that is remembered")
        if self._alarm is not None:
            self._alarm.cancel()

    def _done(self) -> bool:
        restored = self._roster.idle and all(light.restored for light in self._lights)
        return restored or not self._roster.alive

    def _poll(self) -> None:
        for light in self._lights:
            self._roster.send(light, *light.poll(self._loop.time()))

    def _steer(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        now = self._loop.time()
        for light in self._lights:
            if self._leaving:
                self._roster.send(light, *light.give_back(CLOSING_FADE_S, now))
            elif self._environment is not None:
                self._roster.send(light, *light.steer(self._environment, now))
        self._wake(min((light.due for light in self._lights), default=math.inf))
        self._roster.show()

    def _wake(self, at: float) -> None:
        """Steer again at a time, or earlier."""
        if self._alarm is not None and self._alarm.when() <= at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(at, self._steer) if at < math.inf else None
