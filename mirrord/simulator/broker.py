"""A simulated MQTT broker: amqtt, in this process, on the loopback interface."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from typing import Any, Self

from amqtt.broker import Broker

from mirrord.simulator.broker_greeting import greeted

STOP_S = 5.0
LOUD = ("amqtt", "transitions")  # every client that leaves would be a warning


class _Topics(dict[str, Any]):
    """Who listens to what. amqtt awaits in loops over it, in which others may come and go."""

    def __iter__(self) -> Iterator[str]:
        return iter([*super().__iter__()])

    def items(self) -> Any:
        return [(key, self[key]) for key in self]


class _Broker(Broker):  # type: ignore[misc]  # amqtt has no types
    """amqtt's broker, which lets go of every client before it stops.

    Its own `shutdown` waits for ever for one that is just connecting, and forgets one that stopped
    in mid-sentence.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._subscriptions: dict[str, Any] = _Topics()
        self._lines: set[asyncio.StreamWriter] = set()
        self._closing = False

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        self._lines.add(writer)
        try:
            stream = None if self._closing else await greeted(reader, writer)
            if stream is not None:
                await super().stream_connected(stream, writer, listener_name)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client is gone
        finally:
            self._lines.discard(writer)
            writer.close()

    async def shutdown(self) -> None:
        self._closing = True
        for writer in self._lines:
            writer.transport.abort()
        while self._lines:
            await asyncio.sleep(0.01)
        await super().shutdown()


class SimulatedBroker:
    """Speaks MQTT 3.1.1 and turns MQTT 5 away; lets everybody in; forgets all when it stops.

    `stop` and `start` keep the port, so that clients find it again.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self._broker: _Broker | None = None
        self._levels: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        self._levels = {name: logging.getLogger(name).level for name in LOUD}
        for name in LOUD:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)

    @property
    def running(self) -> bool:
        return self._broker is not None

    async def start(self) -> None:
        """Listen. Raises amqtt's BrokerError if the port is taken."""
        if self._broker is not None:
            return
        self.port = self.port or free_port(self.host)
        broker = _Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{self.host}:{self.port}"}},
                "plugins": {
                    "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
                },
            }
        )
        await broker.start()
        self._broker = broker

    async def stop(self) -> None:
        """Hang up on every client and close the port."""
        broker, self._broker = self._broker, None
        if broker is not None:
            async with asyncio.timeout(STOP_S):
                await broker.shutdown()

    async def restart(self, pause_s: float = 0.0) -> None:
        """Stop, stay away for a while, and start again on the same port."""
        await self.stop()
        await asyncio.sleep(pause_s)
        await self.start()


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as one:
        one.bind((host, 0))
        port: int = one.getsockname()[1]
        return port
