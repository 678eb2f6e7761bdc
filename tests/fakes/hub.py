"""A smart-home hub as MQTT sees it: a client that keeps what it hears, and can ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mirrord.config import HubSettings
from mirrord.hub import Card, Hub
from mirrord.mqtt import Broker, Link, Message, connected
from mirrord.runtime.beside import beside
from tests.fakes.mirror import FakeMirror

ONLINE, OFFLINE = b"online", b"offline"


class HubMirror(FakeMirror):
    """A mirror that also forgets."""

    def __init__(self, scene: str = "joy") -> None:
        super().__init__(scene)
        self._state.setdefault("mode", "mirror")
        self.forgotten: list[int] = []

    async def forget_last(self, minutes: int) -> None:
        self.forgotten.append(minutes)


class Ear:
    """Everything said on a broker since it listened; retained topics by name."""

    def __init__(self, link: Link | None = None) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.last: dict[str, bytes] = {}
        self.link = link
        self._news = asyncio.Event()

    def take(self, topic: str, payload: bytes, retained: bool) -> None:
        self.heard.append((topic, payload, retained))
        self.last[topic] = payload
        self._news.set()

    def ask(self, topic: str, payload: str, *, retain: bool = False) -> None:
        assert self.link is not None
        self.link.send(Message(topic, payload, retain))

    async def wait(self, ending: str, wanted: Any = None, within_s: float = 10.0) -> bytes:
        """Return the last payload of the topic that ends so, once it is (or fulfils) `wanted`."""
        async with asyncio.timeout(within_s):
            while True:
                for topic, payload in list(self.last.items()):
                    if topic.endswith(ending) and _fits(payload, wanted):
                        return payload
                self._news.clear()
                await self._news.wait()

    def count(self, ending: str) -> int:
        return sum(topic.endswith(ending) for topic, _, _ in self.heard)


def _fits(payload: bytes, wanted: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, bytes):
        return payload == wanted
    try:
        return bool(wanted(json.loads(payload)))
    except ValueError:
        return False


@asynccontextmanager
async def listening(
    host: str, port: int, *filters: str, username: str = "", password: str = ""
) -> AsyncIterator[Ear]:
    """Listen to a broker as another client."""
    ear = Ear()
    broker = Broker(host, port, username=username, password=password)
    async with connected(broker, {}, ear.take, lambda _topic, _why: None) as link:
        ear.link = link
        link.subscribe(filters or ["#"])
        yield ear


@asynccontextmanager
async def running(
    mirror: HubMirror, memory: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Hub]:
    """Run the real hub over a mirror."""
    card = Card("Hall mirror", settings.get("area", ""), "http://mirror.local:8080/")
    kept = {} if memory is None else memory
    hub = Hub(HubSettings(**settings), mirror, card, lambda text: text, kept)
    async with beside(hub.run(), "hub"):
        yield hub


def at(broker: Any, **more: Any) -> dict[str, Any]:
    """Return the hub's settings for a broker."""
    return {"host": broker.host, "port": broker.port, **more}


def device(ear: Ear) -> dict[str, Any]:
    """Return the last announcement of the mirror as a device."""
    topic = next(topic for topic in ear.last if topic.startswith("homeassistant/device/"))
    found: dict[str, Any] = json.loads(ear.last[topic])
    return found


def root(ear: Ear) -> str:
    """Return what all the mirror's own topics begin with."""
    topic = next(topic for topic in ear.last if topic.endswith("/availability"))
    return topic.removesuffix("/availability")
