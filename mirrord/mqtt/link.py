"""A connection to a broker, and never a stale word.

paho keeps what is published while it is disconnected and delivers it after reconnecting, however
old it is by then. So a connection that is lost stays lost: nothing is published on it any more.
Whoever uses it makes a new one, and publishes there what is true by then.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from mirrord.errors import Refused, Unavailable
from mirrord.mqtt.message import Message
from mirrord.mqtt.network import Broker, Network
from mirrord.runtime.worker import Worker

CONNECT_S = 4.0  # name look-up, TCP and TLS
ANSWER_S = 2.5  # the broker's answer to CONNECT
ACKNOWLEDGE_S = 10.0  # the broker's answer to a command
BAD_CREDENTIALS = {
    "Bad user name or password",
    "Not authorized",
    "Banned",
    "Bad authentication method",
}
TOO_NEW = "Unsupported protocol version"

Heard = Callable[[str, bytes, bool], None]
"""Called with a topic, a payload, and whether the broker had kept it."""
Denied = Callable[[str, str], None]


class ProtocolTooNew(Exception):
    """The broker does not speak this version of MQTT: it says so, hangs up, or waits for more."""


class Link:
    """One connection, seen from the event loop. Takes in the `Events` of its network thread."""

    def __init__(
        self, broker: Broker, version: MQTTProtocolVersion, heard: Heard, denied: Denied
    ) -> None:
        self._broker, self._heard, self._denied = broker, heard, denied
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._lost = ""
        self._unacknowledged: dict[int, tuple[str, float]] = {}
        self._subscribing: dict[int, list[str]] = {}
        self._subscribed: set[str] = set()
        self._network = Network(broker, version, self)

    async def connect(self) -> None:
        """Raises Unavailable, Refused, or ProtocolTooNew."""
        where = self._broker.where
        async with Worker("the MQTT broker") as worker:
            try:
                await worker.call(CONNECT_S, self._network.dial)
            except (OSError, ValueError) as error:
                raise _explained(error, self._broker) from None
        self._network.start()
        try:
            async with asyncio.timeout(ANSWER_S):
                reason = await self._answer
        except (TimeoutError, ConnectionError) as error:
            # An old broker may read CONNECT of MQTT 5 as a longer packet, and wait for its rest.
            why = "hangs up" if isinstance(error, ConnectionError) else "does not answer"
            raise ProtocolTooNew(f"the MQTT broker at {where} {why}") from None
        if reason.is_failure:
            raise self._turned_away(str(reason))

    async def close(self) -> None:
        """Go; a command that the broker has not acknowledged must not arrive later."""
        abandon = bool(self._lost or self._unacknowledged)
        self._lost = self._lost or "closed"
        await self._network.close(abandon=abandon)

    def check(self) -> None:
        """Raise Unavailable if the connection is gone, or the broker has fallen silent."""
        if self._lost:
            raise Unavailable(f"the MQTT broker at {self._broker.where}: {self._lost}")
        limit = self._loop.time() - ACKNOWLEDGE_S
        if any(at < limit for _, at in self._unacknowledged.values()):
            raise Unavailable(f"the MQTT broker at {self._broker.where} acknowledges nothing")

    @property
    def alive(self) -> bool:
        return not self._lost

    @property
    def idle(self) -> bool:
        """Whether the broker has everything that was sent."""
        return not self._unacknowledged

    def send(self, message: Message) -> None:
        """Publish now or not at all."""
        if self._lost:
            return
        number = self._network.publish(message)
        if number is None:
            self._lost = "the connection was lost"
        elif message.qos:
            self._unacknowledged[number] = (message.topic, self._loop.time())

    def subscribe(self, topics: Iterable[str]) -> None:
        """Subscribe to those that are new."""
        new = sorted(set(topics) - self._subscribed)
        if not new or self._lost:
            return
        self._subscribed.update(new)
        number = self._network.subscribe(new)
        if number is not None:
            self._subscribing[number] = new

    def answered(self, reason: ReasonCode) -> None:
        if not self._answer.done():
            self._answer.set_result(reason)

    def gone(self, why: str) -> None:
        self._lost = self._lost or why
        if not self._answer.done():
            self._answer.set_exception(ConnectionError(why))

    def received(self, topic: str, payload: bytes, retained: bool) -> None:
        self._heard(topic, payload, retained)

    def acknowledged(self, number: int, reason: ReasonCode) -> None:
        topic, _ = self._unacknowledged.pop(number, ("", 0.0))
        if topic and reason.is_failure:
            self._denied(topic, f"the broker does not allow to publish to {topic} ({reason})")

    def granted(self, number: int, reasons: list[ReasonCode]) -> None:
        for topic, reason in zip(self._subscribing.pop(number, []), reasons, strict=False):
            if reason.is_failure:
                self._denied(topic, f"the broker does not allow to read {topic} ({reason})")

    def _turned_away(self, reason: str) -> Exception:
        where, user = self._broker.where, self._broker.username
        if reason == TOO_NEW:
            return ProtocolTooNew(f"the MQTT broker at {where}: {reason}")
        if reason in BAD_CREDENTIALS:
            who = f"the user {user!r}" if user else "a client without a username"
            return Refused(
                f"the MQTT broker at {where} does not let in {who} ({reason}): "
                "check username and password_file"
            )
        return Unavailable(f"the MQTT broker at {where} refuses the connection: {reason}")


@asynccontextmanager
async def linked(
    broker: Broker, version: MQTTProtocolVersion, heard: Heard, denied: Denied
) -> AsyncIterator[Link]:
    """Connect in one version of MQTT. Raises Unavailable, Refused, or ProtocolTooNew."""
    link = Link(broker, version, heard, denied)
    try:
        await link.connect()
        yield link
    finally:
        await link.close()


def _explained(error: OSError | ValueError, broker: Broker) -> Refused | Unavailable:
    if isinstance(error, ssl.SSLCertVerificationError):
        # 9 and 10: not yet valid, expired. A Pi has no clock of its own and may just have started.
        clock = error.verify_code in (9, 10)
        said = f"{broker.where}: the broker's certificate is not trusted ({error.verify_message})"
        return Unavailable(said) if clock else Refused(f"{said}: check host, tls and ca_file")
    cut = isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError)
    if isinstance(error, ssl.SSLError) or (broker.tls and cut):
        return Unavailable(f"{broker.where} does not speak TLS (usually that is port 8883)")
    if isinstance(error, ValueError):
        return Refused(f"{broker.host!r} is no name of a host")
    reason = error.strerror or "no connection within the time"
    return Unavailable(f"no MQTT broker at {broker.where}: {reason}")
