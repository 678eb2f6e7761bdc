"""One connection to the hub's broker: announce, keep the state there current, take commands.

Nothing waits in a queue: what is published is the state of that moment, and a connection that is
lost takes nothing along (see mirrord.mqtt).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Final, Protocol

import msgspec

from mirrord.errors import MirrorError
from mirrord.hub.announcer import Announcer
from mirrord.hub.commands import Forget, understood
from mirrord.hub.documents import documents
from mirrord.hub.events import happened
from mirrord.hub.topics import Topics
from mirrord.hub.voice import Voice
from mirrord.mqtt import Link, Message
from mirrord.runtime.beside import beside

_log = logging.getLogger(__name__)
PAUSE_S: Final = 0.5  # between two states: at most twice a second
CHECK_S: Final = 1.0
WAITING: Final = 50  # commands that may wait for their turn; beyond, they are refused
COMPLAINTS_S: Final = 1.0  # between two messages on the error topic


class Mirror(Protocol):
    """What the hub needs of the running mirror."""

    def state(self) -> dict[str, Any]:
        """Return the mirror's snapshot."""

    async def wait_change(self, after: int) -> int:
        """Return the new revision once it is larger than `after`."""

    async def control(self, change: dict[str, Any]) -> None:
        """Change a part of the controls. Raises ConfigError."""

    def forget_last(self, minutes: int) -> Awaitable[None]:
        """Delete what was recorded since so many minutes. Raises Unavailable."""


class Session:
    """Used from the event loop. `heard` and `denied` are the link's."""

    def __init__(
        self, mirror: Mirror, topics: Topics, announcer: Announcer, expressions: bool
    ) -> None:
        self._mirror = mirror
        self._topics = topics
        self._announcer = announcer
        self._expressions = expressions
        self._loop = asyncio.get_running_loop()
        self._asked: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(WAITING)
        self._announce = False
        self._offline = False  # somebody said so in our name
        self._complained: set[str] = set()
        self._complained_s = -COMPLAINTS_S
        self._link: Link | None = None

    async def run(self, link: Link) -> None:
        """Serve until the connection is lost. Raises Unavailable."""
        self._link = link
        topics = self._topics
        link.subscribe([topics.commands, topics.birth, topics.availability])
        self._greet(link)
        try:
            async with beside(self._obey(), "hub commands"):
                await self._publish(link)
        finally:
            link.send(Message(topics.availability, "offline", retain=True))

    def heard(self, topic: str, payload: bytes, retained: bool) -> None:
        """Take in a message of the broker; never waits."""
        if topic == self._topics.birth:
            self._announce = self._announce or payload == b"online"
        elif topic == self._topics.availability:
            self._offline = payload != b"online"
        elif self._topics.command_in(topic) is None:
            _log.debug("hub: %.200r: not asked for", topic)
        elif retained:  # a wish of another day, that would come back at every start
            self._complain(topic, "a command must not be retained; it is ignored")
        else:
            try:
                self._asked.put_nowait((topic, payload))
            except asyncio.QueueFull:
                self._complain(topic, "too many commands at once; this one is ignored")

    def denied(self, topic: str, why: str) -> None:
        """The broker does not let us publish or subscribe there."""
        self._note(topic, why)

    def _greet(self, link: Link) -> None:
        for message in self._announcer.messages(self._mirror.state()):
            link.send(message)
        link.send(Message(self._topics.availability, "online", retain=True))

    async def _publish(self, link: Link) -> None:
        voice, rev, before = Voice(), -1, self._mirror.state()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_S):
                    rev = await self._mirror.wait_change(rev)
            link.check()
            state = self._mirror.state()
            if self._announce or self._offline or self._announcer.outdated(state):
                self._announce = self._offline = False
                self._greet(link)
                voice.again()
            found = documents(state, self._expressions)
            for name, document in voice.due(found, self._loop.time()).items():
                link.send(Message(self._topics.document(name), _json(document), retain=True))
            for event in happened(before, state, self._expressions):
                link.send(Message(self._topics.event, _json(event)))
            before = state
            await asyncio.sleep(PAUSE_S)

    async def _obey(self) -> None:
        while True:
            topic, payload = await self._asked.get()
            try:
                await self._do(self._topics.command_in(topic) or "", payload)
            except MirrorError as error:
                self._complain(topic, str(error))
            await asyncio.sleep(0)

    async def _do(self, name: str, payload: bytes) -> None:
        asked = understood(name, payload, self._mirror.state())
        if isinstance(asked, Forget):
            await self._mirror.forget_last(asked.minutes)
        else:
            await self._mirror.control(dict(asked.controls))

    def _complain(self, topic: str, why: str) -> None:
        """Answer on the error topic, at most once a second, so that junk makes no storm."""
        self._note(topic, why)
        now_s = self._loop.time()
        if self._link is not None and now_s - self._complained_s >= COMPLAINTS_S:
            self._complained_s = now_s
            said = {"topic": topic[:200], "error": why}
            self._link.send(Message(self._topics.error, _json(said)))

    def _note(self, topic: str, why: str) -> None:
        """Log each kind of trouble once."""
        new = why not in self._complained and len(self._complained) < 100
        self._complained.add(why)
        _log.log(logging.WARNING if new else logging.DEBUG, "hub: %.200r: %s", topic, why)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
