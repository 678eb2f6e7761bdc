"""Drivers of the lamp with one fault each; `test_testing_kit.py` says which check finds it."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections import defaultdict
from typing import Any, ClassVar

import msgspec

from mirrord.driver import Environment, Host, Refused, Unavailable
from tests.fakes.driver_lamp import Lamp, LampSettings, LampState


class LooseSettings(msgspec.Struct):
    url: str


class ReportsNothing(Lamp):
    def report(self, state: LampState) -> None:
        return


class TouchesOnOpening(Lamp):
    async def connect(self) -> None:
        await super().connect()
        await self.ask("PUT", await self.ask("GET"))


class AppliesOnce(Lamp):
    async def send(self, wanted: LampState) -> None:
        if self.sent is None:
            await super().send(wanted)


class RepeatsItself(Lamp):
    async def apply(self, environment: Environment) -> None:
        self.sent = None
        await super().apply(environment)


class StaysWhenAlone(Lamp):
    async def apply(self, environment: Environment) -> None:
        if environment.present:
            await super().apply(environment)
        else:
            await self.ask("GET")


class StaysOnClose(Lamp):
    async def close(self) -> None:
        await self.http.close()


class ForgetsInACrash(Lamp):
    """Keeps to itself what belongs into host.memory."""

    def __init__(self, settings: LampSettings, host: Host) -> None:
        super().__init__(settings, Amnesia(host))


class Amnesia:
    def __init__(self, host: Host) -> None:
        self.memory: dict[str, Any] = {}
        self.state_dir = host.state_dir
        self.report = host.report


class OnlyOne(Lamp):
    """Takes the lamp away from an earlier opening."""

    owner: ClassVar[dict[str, Lamp]] = {}

    async def connect(self) -> None:
        await super().connect()
        self.owner[self.settings.url] = self

    async def send(self, wanted: LampState) -> None:
        if self.owner[self.settings.url] is self:
            await super().send(wanted)


class RefusesTheAbsent(Lamp):
    async def connect(self) -> None:
        try:
            await super().connect()
        except Unavailable as error:
            raise Refused(str(error)) from None


class Swallows(Lamp):
    async def apply(self, environment: Environment) -> None:
        try:
            await super().apply(environment)
        except Unavailable:
            self.sent = None


class WaitsForever(Lamp):
    async def apply(self, environment: Environment) -> None:
        try:
            await super().apply(environment)
        except Unavailable as error:
            if "gives no answer" in str(error):
                await asyncio.sleep(60.0)
            raise


class BreaksWhenSlow(Lamp):
    async def apply(self, environment: Environment) -> None:
        started = time.monotonic()
        await super().apply(environment)
        if time.monotonic() - started > 0.6:
            raise KeyError("a time-out that nobody thought of")


class Trusts(Lamp):
    def read(self, body: bytes) -> LampState:
        return LampState(**json.loads(body))


class Queues(Lamp):
    """Sends all that it was asked for while the lamp was away."""

    backlog: ClassVar[dict[str, list[LampState]]] = defaultdict(list)

    async def connect(self) -> None:
        await super().connect()
        for state in self.backlog.pop(self.settings.url, []):
            await super().send(state)

    async def send(self, wanted: LampState) -> None:
        self.backlog[self.settings.url].append(wanted)
        await super().send(wanted)
        self.backlog[self.settings.url].clear()


class BelievesTheNewest(Lamp):
    """Takes what its own last opening left for what was found."""

    async def remember(self) -> None:
        if self.sent is None:
            self.host.memory["found"] = msgspec.to_builtins(await self.ask("GET"))


class BlocksTheClose(Lamp):
    async def close(self) -> None:
        await super().close()
        await asyncio.sleep(60.0)


class LeaksAThread(Lamp):
    over: ClassVar[threading.Event] = threading.Event()

    async def connect(self) -> None:
        await super().connect()
        threading.Thread(target=self.over.wait, args=(20.0,), name="leaked", daemon=True).start()


class LeaksATask(Lamp):
    forgotten: ClassVar[list[asyncio.Task[None]]] = []

    async def connect(self) -> None:
        await super().connect()
        self.forgotten.append(asyncio.create_task(asyncio.sleep(20.0)))


class LeaksAFile(Lamp):
    files: ClassVar[list[int]] = []

    async def connect(self) -> None:
        await super().connect()
        self.files.append(os.open(os.devnull, os.O_RDONLY))


class BlocksTheLoop(Lamp):
    async def ask(self, method: str, state: LampState | None = None) -> LampState:
        try:
            return await super().ask(method, state)
        except Unavailable:
            self.wait()
            raise

    def wait(self) -> None:
        time.sleep(0.7)
