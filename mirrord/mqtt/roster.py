"""The devices of a room behind a broker: what each hears, is sent, is denied, and is shown as."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from mirrord.model import Device
from mirrord.mqtt.link import Link
from mirrord.mqtt.message import Message


class Member(Protocol):
    """A device that says something on its topics. Times are those of the event loop."""

    def topics(self) -> frozenset[str]:
        """Return where it says something; a message may tell of further topics."""

    def hear(self, topic: str, payload: bytes, now: float) -> None:
        """Take in one message."""

    def refused(self, why: str) -> None:
        """The broker does not let a command or a subscription through."""

    def device(self, now: float) -> Device:
        """Return what the page shows."""


class Roster:
    """Carries messages between the devices and the broker. Everything runs on the event loop."""

    def __init__(self, members: Sequence[Member], report: Callable[[Device], None]) -> None:
        self._members = members
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._commanded: dict[str, Member] = {}  # by the topic of the last command
        self._shown: dict[str, Device] = {}
        self._link: Link | None = None

    def start(self, link: Link) -> None:
        """Subscribe to what the devices say."""
        self._link = link
        for one in self._members:
            link.subscribe(one.topics())

    def check(self) -> None:
        """Raise Unavailable if the connection is gone."""
        if self._link is not None:
            self._link.check()

    @property
    def alive(self) -> bool:
        """Whether anything can be sent."""
        return self._link is not None and self._link.alive

    @property
    def idle(self) -> bool:
        """Whether the broker has everything that was sent."""
        return self._link is None or self._link.idle

    def heard(self, topic: str, payload: bytes) -> None:
        """Hand on a message to whom it concerns."""
        for one in self._members:
            if topic not in one.topics():
                continue
            one.hear(topic, payload, self._loop.time())
            if self._link is not None:
                self._link.subscribe(one.topics())

    def send(self, member: Member, *messages: Message) -> None:
        """Send commands or questions to a device."""
        for message in messages:
            self._commanded[message.topic] = member
            if self._link is not None:
                self._link.send(message)

    def denied(self, topic: str, why: str) -> None:
        """Tell whoever says something there, or was sent something there."""
        for one in self._members:
            if topic in one.topics() or self._commanded.get(topic) is one:
                one.refused(why)
        self.show()

    def show(self) -> None:
        """Report every device that looks different from before."""
        now = self._loop.time()
        for one in self._members:
            device = one.device(now)
            if self._shown.get(device.id) != device:
                self._shown[device.id] = device
                self._report(device)
