"""The thermostat driver before the conformance kit: a thermostat, a network, and a broker."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mirrord.simulator.broker import SimulatedBroker
from mirrord.simulator.climate import SimulatedClimate
from mirrord.simulator.climate_thermostat import SimulatedThermostat
from mirrord.testing import DriverConformance
from mirrord_thermostat import plugin
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.tcp_proxy import TcpProxy

LIES = ("nan", "[", '{"occupied_heating_setpoint": "warm"}', "-300", "99")


class ClimatePeer:
    """One thermostat of the simulated room, and the network that leads to its broker."""

    def __init__(
        self, climate: SimulatedClimate, one: SimulatedThermostat, network: TcpProxy
    ) -> None:
        self.climate, self.thermostat, self._network = climate, one, network
        one.turn_by_hand(18.5)
        climate.radiator.radio_s = 0.01
        self.start, self.stop = network.start, network.stop
        self.hang, self.slow = network.hang, network.slow

    @property
    def table(self) -> dict[str, Any]:
        table = self.climate.settings()
        del table["humidifiers"]  # which takes minutes between two wishes
        wall, radiator = table["thermostats"]
        table["thermostats"] = [wall if self.thermostat is self.climate.thermostat else radiator]
        return table | {"port": self._network.port, "keepalive_s": 1}

    def observe(self) -> float:
        return self.thermostat.setpoint

    def commands(self) -> list[str]:
        return list(self.thermostat.commands)

    def lie(self) -> None:
        thermostat = self.thermostat
        topics = (f"{thermostat.topic}/temperature/state", thermostat.topic, "simulated/air")
        for topic in (*topics, thermostat.discovery_topic):
            for lie in LIES:
                self.climate.publish(topic, lie, retain=False)

    async def resume(self) -> None:
        await self._network.resume()
        self.thermostat.announce()


@asynccontextmanager
async def room(broker: Mosquitto | SimulatedBroker, name: str) -> AsyncIterator[ClimatePeer]:
    async with (
        broker,
        SimulatedClimate(broker.host, broker.port) as climate,
        TcpProxy(broker.host, broker.port) as network,
    ):
        await climate.connected()
        yield ClimatePeer(climate, getattr(climate, name), network)


class TestWallBehindMosquitto(DriverConformance):
    plugin = plugin

    @asynccontextmanager
    async def peer(self) -> AsyncIterator[ClimatePeer]:
        with tempfile.TemporaryDirectory() as folder:
            async with room(Mosquitto(Path(folder)), "thermostat") as peer:
                yield peer

    def config(self, peer: ClimatePeer) -> Mapping[str, Any]:
        return peer.table


class TestRadiatorBehindAmqtt(TestWallBehindMosquitto):
    """What an echo, and a broker that forgets its clients, could make different."""

    test_refuses_unknown_settings = None
    test_opens_and_reports = None
    test_looking_changes_nothing = None
    test_second_opening_disturbs_nothing = None
    test_absent_peer_is_unavailable = None
    test_notices_a_lost_peer = None
    test_survives_a_hanging_peer = None
    test_survives_a_slow_peer = None
    test_closes_in_time = None
    test_never_blocks_the_loop = None

    @asynccontextmanager
    async def peer(self) -> AsyncIterator[ClimatePeer]:
        async with room(SimulatedBroker(), "radiator") as peer:
            yield peer
