"""The MQTT connection of the simulated climate devices."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

KEEPALIVE_S = 20


class _Client(Client):
    """A paho client that knows its thread, to see it end."""

    runner: threading.Thread | None = None

    def loop_forever(
        self, timeout: float = 1.0, retry_first_connection: bool = False
    ) -> MQTTErrorCode:
        self.runner = threading.current_thread()
        return super().loop_forever(timeout, retry_first_connection)


class DeviceLink:
    """Connects for as long as it is entered, again and again; everything is told on the loop.

    `on_connected` is called after every connection, when the topics are subscribed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        topics: Iterable[str],
        on_connected: Callable[[], None],
        on_message: Callable[[str, bytes], None],
        *,
        will: tuple[str, str] | None = None,
        username: str = "",
        password: str = "",
    ) -> None:
        self._host, self._port, self._topics = host, port, sorted(topics)
        self._on_connected, self._on_message = on_connected, on_message
        self._will, self._username, self._password = will, username, password
        self.connected = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        client = _Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
        client.reconnect_delay_set(1, 2)
        if self._username:
            client.username_pw_set(self._username, self._password or None)
        if self._will:
            client.will_set(*self._will, retain=True)
        client.on_connect = lambda c, _u, _f, reason, _p: None if reason.is_failure else self._up(c)
        client.on_subscribe = lambda *_: self._post(self._ready)
        client.on_disconnect = lambda *_: self._post(self.connected.clear)
        client.on_message = lambda _c, _u, message: self._post(
            self._on_message, message.topic, bytes(message.payload)
        )
        client.connect_async(self._host, self._port, KEEPALIVE_S)
        client.loop_start()
        self._client = client
        return self

    async def __aexit__(self, *_: object) -> None:
        client = self._client
        client.disconnect()
        while client.runner is not None and client.runner.is_alive():
            await asyncio.sleep(0.01)
        client.on_connect = client.on_disconnect = client.on_subscribe = client.on_message = None

    def publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        """Publish, if there is a connection; a device says its state again after the next one."""
        if self.connected.is_set():
            self._client.publish(topic, payload, retain=retain)

    def _up(self, client: Client) -> None:
        if self._topics:
            client.subscribe([(topic, 0) for topic in self._topics])
        else:
            self._post(self._ready)

    def _ready(self) -> None:
        self.connected.set()
        self._on_connected()

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(function, *args)
