"""The driver of lights over MQTT before the conformance kit: a light, a network, a mosquitto."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mirrord.testing import DriverConformance
from mirrord_hub_entities import plugin
from tests.fakes.light_bench import table
from tests.fakes.lights import Esphome
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.tcp_proxy import TcpProxy

LIES = ("nan", "[", '{"state": 7, "brightness": "x"}', '{"brightness": 999}', '{"color": {}}')


class LightPeer:
    """One light, and the network that leads to its broker."""

    def __init__(self, light: Esphome, network: TcpProxy) -> None:
        self.light, self.network = light, network
        self.start, self.stop, self.resume = network.start, network.stop, network.resume
        self.hang, self.slow = network.hang, network.slow

    def observe(self) -> Any:
        on, level, colour = self.light.shines
        return on, level, colour

    def commands(self) -> list[str]:
        return list(self.light.commands)

    def lie(self) -> None:
        for topic in (f"{self.light.topic}/state", "den/status"):
            for lie in LIES:
                self.light.publish(topic, lie, retain=False)
        self.light.announce()


class TestLightBehindMosquitto(DriverConformance):
    plugin = plugin

    @asynccontextmanager
    async def peer(self) -> AsyncIterator[LightPeer]:
        with tempfile.TemporaryDirectory() as folder:
            async with (
                Mosquitto(Path(folder)) as broker,
                Esphome(broker.host, broker.port) as light,
                TcpProxy(broker.host, broker.port) as network,
            ):
                yield LightPeer(light, network)

    def config(self, peer: LightPeer) -> Mapping[str, Any]:
        return table(peer.light) | {"port": peer.network.port, "keepalive_s": 1}
