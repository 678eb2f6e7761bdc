"""Short visits to the broker: to see whether it lets us in, and to clear what we left there."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any, Final

from mirrord.config import HubSettings
from mirrord.errors import ConfigError, MirrorError, Unavailable
from mirrord.hub.announcer import announced
from mirrord.hub.hub import broker_of, topics_of
from mirrord.hub.topics import Topics
from mirrord.mqtt import Link, Message, connected

_ASK_S: Final = 1.0
_DONE_S: Final = 5.0


async def clear(settings: HubSettings, memory: MutableMapping[str, Any]) -> int:
    """Clear the topics at the broker; return how many there were.

    Raises ConfigError without a host, MirrorError if the mirror is running (it would announce
    itself again), Unavailable or Refused if the broker cannot be used.
    """
    if not settings.host:
        raise ConfigError("[hub] names no host: there is no broker to clear anything at")
    topics = topics_of(settings, memory)
    running = asyncio.Event()

    def heard(_topic: str, payload: bytes, _retained: bool) -> None:
        if payload == b"online":
            running.set()

    broker = replace(broker_of(settings, f"{topics.node}-forget", topics), will=None)
    async with connected(broker, memory, heard, lambda _topic, _why: None) as link:
        link.subscribe([topics.availability])
        if await _within(running, _ASK_S):
            raise MirrorError("the mirror is running: stop it first, or it announces itself again")
        gone = announced(memory)
        for topic in [*gone, topics.device]:
            link.send(Message(topic, "", retain=True))
        await _delivered(link)
    memory.clear()
    return len(gone)


async def reach(settings: HubSettings) -> str:
    """Connect to the broker and leave; return where it is. Raises Unavailable or Refused."""
    silent = Topics(settings.base_topic, "check", settings.discovery_prefix)
    broker = replace(broker_of(settings, "", silent), will=None)
    async with connected(broker, {}, lambda *_: None, lambda *_: None):
        return broker.where


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


async def _delivered(link: Link) -> None:
    end_s = asyncio.get_running_loop().time() + _DONE_S
    while not link.idle:
        link.check()
        if asyncio.get_running_loop().time() > end_s:
            raise Unavailable("the broker has not acknowledged everything; try again")
        await asyncio.sleep(0.05)
