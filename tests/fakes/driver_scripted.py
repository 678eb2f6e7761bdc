"""A driver that does what a test tells it to, and writes down what happened to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from mirrord.driver import Driver, Environment, Host, Plugin


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: int = 0


@dataclass
class Script:
    """How the driver behaves, and what it saw."""

    open_fails: BaseException | None = None
    open_hangs: bool = False
    apply_fails: BaseException | None = None
    apply_takes_s: float = 0.0
    apply_blocks_s: float = 0.0
    close_fails: Exception | None = None
    close_takes_s: float = 0.0
    deaf: bool = False  # to cancellation
    background_fails: asyncio.Event = field(default_factory=asyncio.Event)
    background_error: Exception | None = None

    host: Host | None = None
    applied: list[Environment] = field(default_factory=list)
    tried: int = 0  # openings
    opened: int = 0
    closed: int = 0
    open_now: int = 0

    async def wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left_s := end - time.monotonic()) > 0.0:
            try:
                await asyncio.sleep(left_s)
            except asyncio.CancelledError:
                if not self.deaf:
                    raise


class Scripted:
    def __init__(self, script: Script) -> None:
        self.script = script

    async def apply(self, environment: Environment) -> None:
        script = self.script
        await script.wait(script.apply_takes_s)
        if script.apply_blocks_s:
            hold(script.apply_blocks_s)
        if script.apply_fails is not None:
            raise script.apply_fails
        script.applied.append(environment)


def hold(seconds: float) -> None:
    time.sleep(seconds)


def scripted(script: Script, name: str = "lamp") -> Plugin[Nothing]:
    @asynccontextmanager
    async def open_it(_config: Nothing, host: Host) -> AsyncIterator[Driver]:
        script.tried += 1
        script.host = host
        if script.open_hangs:
            await script.wait(60.0)
        if script.open_fails is not None:
            raise script.open_fails
        async with asyncio.TaskGroup() as group:
            background = group.create_task(fail_when_told(script))
            script.opened += 1
            script.open_now += 1
            try:
                yield Scripted(script)
            finally:
                background.cancel()
                script.open_now -= 1
                await script.wait(script.close_takes_s)
                script.closed += 1
                if script.close_fails is not None:
                    raise script.close_fails

    return Plugin(name, f"The {name}", Nothing, open_it)


async def fail_when_told(script: Script) -> None:
    await script.background_fails.wait()
    if script.background_error is not None:
        raise script.background_error
