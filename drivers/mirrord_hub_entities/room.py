"""The lights behind the broker."""

from __future__ import annotations

import asyncio
import logging
import math

from mirrord.driver import Device, Environment, Host
from mirrord.mqtt import Link, Message
from mirrord_hub_entities.light import Light
from mirrord_hub_entities.settings import HubEntitiesSettings

log = logging.getLogger(__name__)

SOON_S = 0.05  # after a message, until what belongs to it has come too
CLOSING_FADE_S = 1.0
RESTORE_S = 2.5  # how long leaving waits for the lights to confirm; the host grants 5 s


class Room:
    """Carries messages between the lights and the broker. Everything runs on the event loop."""

    def __init__(self, settings: HubEntitiesSettings, host: Host) -> None:
        self._host = host
        self._lights = [Light(one, host.memory, settings.hold_s) for one in settings.lights]
        self._loop = asyncio.get_running_loop()
        self._environment: Environment | None = None
        self._link: Link | None = None
        self._commanded: dict[str, Light] = {}  # by the topic of the last command
        self._shown: dict[str, Device] = {}
        self._leaving = False
        self._alarm: asyncio.TimerHandle | None = None

    def start(self, link: Link) -> None:
        """Subscribe, and ask the lights for their state."""
        self._link = link
        for light in self._lights:
            link.subscribe(light.topics())
        self._poll()
        self._show()

    async def apply(self, environment: Environment) -> None:
        self._environment = environment
        if self._link is not None:
            self._link.check()
        self._poll()
        self._steer()

    def heard(self, topic: str, payload: bytes, _retained: bool) -> None:
        """Take in a message; whatever follows from it is sent in a moment."""
        for light in self._lights:
            if topic not in light.topics():
                continue
            light.hear(topic, payload, self._loop.time())
            if self._link is not None:
                self._link.subscribe(light.topics())
        self._wake(self._loop.time() + SOON_S)
        self._show()

    def denied(self, topic: str, why: str) -> None:
        """The broker does not let a command or a subscription through."""
        for light in self._lights:
            if topic in light.topics() or self._commanded.get(topic) is light:
                light.refused(why)
        self._show()

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
        if self._link is None or not self._link.alive:
            return True
        return self._link.idle and all(light.restored for light in self._lights)

    def _poll(self) -> None:
        for light in self._lights:
            self._send(light, light.poll(self._loop.time()))

    def _steer(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        now = self._loop.time()
        for light in self._lights:
            if self._leaving:
                self._send(light, light.give_back(CLOSING_FADE_S, now))
            elif self._environment is not None:
                self._send(light, light.steer(self._environment, now))
        self._wake(min((light.due for light in self._lights), default=math.inf))
        self._show()

    def _wake(self, at: float) -> None:
        """Steer again at a time, or earlier."""
        if self._alarm is not None and self._alarm.when() <= at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(at, self._steer) if at < math.inf else None

    def _send(self, light: Light, messages: tuple[Message, ...]) -> None:
        for message in messages:
            self._commanded[message.topic] = light
            if self._link is not None:
                self._link.send(message)

    def _show(self) -> None:
        now = self._loop.time()
        for light in self._lights:
            device = light.device(now)
            if self._shown.get(device.id) != device:
                self._shown[device.id] = device
                self._host.report(device)
