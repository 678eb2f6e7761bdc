"""paho's side of the connection: its network thread, which only hands over to the event loop."""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mirrord.mqtt.message import Message

INBOX = 1000  # messages that may wait; beyond, the oldest are dropped
WAITING_BYTES = 8 * 1024 * 1024  # of all that wait; beyond, what comes is dropped
AT_ONCE = 50  # messages handed on in a row; then others have their turn
_HEAD_BYTES = 70_000  # of a packet before the message: a topic of 64 KiB, and properties
SOCKET_S = 4.0


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, how to get in, and what it says to others once we are gone."""

    host: str
    port: int
    keepalive_s: int = 15
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None
    client_id: str = ""  # "": one made up for each connection
    will: Message | None = None
    # Bytes of a message; larger ones are asked not to be sent, and end the connection if they are:
    # they may have 256 MB. Zigbee2MQTT tells of all devices in one.
    largest: int = 4 * 1024 * 1024

    @property
    def where(self) -> str:
        return f"{self.host}:{self.port}"


class _Encrypted(ssl.SSLSocket):
    """paho forgets to close a line whose handshake fails."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def encrypted(ca_file: str) -> ssl.SSLContext:
    """Trust a file of authorities, or the system's. Raises OSError (ssl.SSLError is one)."""
    context = ssl.create_default_context(cafile=ca_file or None)
    if ca_file:  # authorities made at home seldom have every extension that Python 3.13 wants
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.sslsocket_class = _Encrypted
    return context


class Events(Protocol):
    """What the network thread tells, always on the event loop."""

    def answered(self, reason: ReasonCode) -> None:
        """The broker's answer to CONNECT."""

    def gone(self, why: str) -> None:
        """The connection is over."""

    def received(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message came in; `retained`: the broker had kept it since before we asked."""

    def acknowledged(self, number: int, reason: ReasonCode) -> None:
        """The broker's answer to a message."""

    def granted(self, number: int, reasons: list[ReasonCode]) -> None:
        """The broker's answer to a subscription."""


class _Client(Client):
    """A paho client whose thread ends quietly, whatever a broker sends it."""

    def __init__(
        self,
        client_id: str,
        version: MQTTProtocolVersion,
        largest: int,
        over: Callable[[str], None],
    ) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id or f"mirrord-{secrets.token_hex(6)}",
            protocol=version,
            reconnect_on_failure=False,
        )
        self.runner: threading.Thread | None = None
        self._largest = largest + _HEAD_BYTES
        self._over = over

    def _sock_recv(self, bufsize: int) -> bytes:
        """Take no packet of a size that would not fit into a small computer's memory."""
        if bufsize > self._largest:
            raise ConnectionError("a packet too large")
        return super()._sock_recv(bufsize)

    def loop_forever(
        self, timeout: float = 1.0, retry_first_connection: bool = False
    ) -> MQTTErrorCode:
        self.runner = threading.current_thread()
        why = "the connection was lost"
        try:
            return super().loop_forever(timeout, retry_first_connection)
        except Exception as error:  # what paho cannot read must not become a traceback
            why = f"the broker sent something that is no MQTT ({type(error).__name__})"
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        finally:
            self._over(why)


class Network:
    """One connection and its thread."""

    def __init__(self, broker: Broker, version: MQTTProtocolVersion, events: Events) -> None:
        self._broker, self._version, self._events = broker, version, events
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[tuple[str, bytes, bool]] = deque()
        self._lock = threading.Lock()
        self._waiting = threading.Event()
        self._ended = asyncio.Event()
        self._started = False
        self._waiting_bytes = 0
        self._client = _Client(broker.client_id, version, broker.largest, self._over)
        self._client.connect_timeout = SOCKET_S
        if broker.will is not None:
            will = broker.will
            self._client.will_set(will.topic, will.payload, will.qos, will.retain)
        if broker.username:
            self._client.username_pw_set(broker.username, broker.password or None)
        if broker.tls is not None:
            self._client.tls_set_context(broker.tls)
        self._listen()

    def dial(self) -> None:
        """Connect (blocking). Raises OSError or ValueError."""
        broker = self._broker
        properties = None
        if self._version == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types there
            properties.MaximumPacketSize = broker.largest + _HEAD_BYTES
        self._client.connect(broker.host, broker.port, broker.keepalive_s, properties=properties)

    def start(self) -> None:
        """Start the thread; from now on the events come."""
        self._started = True
        self._client.loop_start()

    def publish(self, message: Message) -> int | None:
        """Return the number of the message, or None if the connection is gone."""
        info = self._client.publish(message.topic, message.payload, message.qos, message.retain)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def subscribe(self, topics: list[str]) -> int | None:
        """Return the number of the request, or None if the connection is gone.

        QoS 0: a session that ends with its connection has nothing to be delivered again.
        """
        return self._client.subscribe([(topic, 0) for topic in topics])[1]

    async def close(self, *, abandon: bool) -> None:
        """Disconnect; `abandon` what has not arrived yet, so that it never does."""
        client = self._client
        if abandon:
            self._cut()
        with suppress(OSError, ValueError):
            client.disconnect()
        if self._started:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await self._ended.wait()
            self._cut()  # where the broker does not even read that we go
        if client.runner is not None:
            client.runner.join(0.5)
        for name in ("on_connect", "on_disconnect", "on_message", "on_publish", "on_subscribe"):
            setattr(client, name, None)
        del self._client  # breaks the circle, so that the sockets are closed now

    def _listen(self) -> None:
        client, post, events = self._client, self._post, self._events
        client.on_connect = lambda _c, _u, _f, reason, _p: post(events.answered, reason)
        client.on_disconnect = lambda _c, _u, _f, reason, _p: post(
            events.gone, f"the connection was lost ({reason})"
        )
        client.on_publish = lambda _c, _u, number, reason, _p: post(
            events.acknowledged, number, reason
        )
        client.on_subscribe = lambda _c, _u, number, reasons, _p: post(
            events.granted, number, reasons
        )
        client.on_message = lambda _c, _u, message: self._take(message)

    def _take(self, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        if len(message.payload) > self._broker.largest:
            return
        with self._lock:
            if self._waiting_bytes + len(message.payload) > WAITING_BYTES:
                return
            if len(self._inbox) == INBOX:
                self._waiting_bytes -= len(self._inbox.popleft()[1])
            self._waiting_bytes += len(message.payload)
            self._inbox.append((topic, bytes(message.payload), message.retain))
        if not self._waiting.is_set():
            self._waiting.set()
            self._post(self._drain)

    def _drain(self) -> None:
        """Hand on some; whoever floods us must not keep everybody else from their turn."""
        self._waiting.clear()
        for _ in range(AT_ONCE):
            with self._lock:
                if not self._inbox:
                    return
                topic, payload, retained = self._inbox.popleft()
                self._waiting_bytes -= len(payload)
            self._events.received(topic, payload, retained)
        self._waiting.set()
        self._loop.call_soon(self._drain)

    def _over(self, why: str) -> None:
        self._post(self._events.gone, why)
        self._post(self._ended.set)

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is there to be told
            self._loop.call_soon_threadsafe(function, *args)

    def _cut(self) -> None:
        """Make the thread close the line, and the kernel drop what it still has to send."""
        line = self._client.socket()
        if isinstance(line, socket.socket):
            with suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.shutdown(socket.SHUT_RD)
