"""A simulated climate: two thermostats, a humidifier and sensors in one room, over MQTT."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

from mirrord.simulator.climate_air import Air
from mirrord.simulator.climate_link import DeviceLink
from mirrord.simulator.climate_thermostat import SimulatedRadiator, SimulatedThermostat

TICK_S = 0.25
SAY_S = 10.0  # sensors speak this often, and when something has changed
NAME = "simulated"


class SimulatedHumidifier:
    """A humidifier in Home Assistant's convention, below one topic."""

    def __init__(self, topic: str, target: float = 40.0) -> None:
        self.topic, self.target, self.on = topic, target, True
        self.commands: list[str] = []

    def topics(self) -> tuple[str, ...]:
        return (f"{self.topic}/target/set", f"{self.topic}/on/set")

    def hear(self, topic: str, payload: bytes) -> None:
        """Take in a command."""
        word = payload.decode(errors="replace")
        self.commands.append(word)
        if topic.endswith("/on/set"):
            self.on = word == "ON"
            return
        try:
            self.target = min(max(float(word), 20.0), 80.0)
        except ValueError:
            return


class SimulatedClimate:
    """One room of devices at a broker; `speed` is how many times faster than real its air moves.

    `air` is the room itself: set `air.people`, `air.window_open`, `air.outdoor_c`. `thermostat`
    speaks Home Assistant's convention, `radiator` Zigbee2MQTT's. Connects when the broker is
    there, and again when it comes back.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        speed: float = 60.0,
        username: str = "",
        password: str = "",
    ) -> None:
        self.host, self.port, self.speed = host, port, speed
        self.air = Air()
        self.thermostat = SimulatedThermostat(f"{NAME}/thermostat", self.publish)
        self.radiator = SimulatedRadiator(f"zigbee2mqtt/{NAME}_radiator", self.publish)
        self.humidifier = SimulatedHumidifier(f"{NAME}/humidifier")
        self._devices = (self.thermostat, self.radiator, self.humidifier)
        self._link = DeviceLink(
            host,
            port,
            [topic for device in self._devices for topic in device.topics()],
            self._announce,
            self._hear,
            will=(f"{NAME}/thermostat/availability", "offline"),
            username=username,
            password=password,
        )
        self._said: dict[str, str] = {}
        self._ticking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._link.__aenter__()
        self._ticking = asyncio.create_task(self._live(), name="simulated climate")
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        await self._link.__aexit__(*error)

    @property
    def people(self) -> int:
        return self.air.people

    @people.setter
    def people(self, number: int) -> None:
        self.air.people = number

    async def connected(self, timeout_s: float = 10.0) -> None:
        """Wait for the broker. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            await self._link.connected.wait()

    def turn_by_hand(self, setpoint: float) -> None:
        """A person turns the wall thermostat."""
        self.thermostat.turn_by_hand(setpoint)

    def settings(self) -> dict[str, Any]:
        """Return the table [drivers.thermostat] that fits this room."""
        return {
            "host": self.host,
            "port": self.port,
            "thermostats": [
                {
                    "kind": "homeassistant",
                    "topic": self.thermostat.discovery_topic,
                    "name": "Wall thermostat",
                },
                {"kind": "zigbee2mqtt", "topic": self.radiator.topic, "name": "Radiator"},
            ],
            "humidifiers": [{"topic": self.humidifier.topic, "name": "Humidifier"}],
            "sensors": [
                {"topic": f"{NAME}/{place}", "measures": measures, "name": name, **more}
                for place, measures, name, more in (
                    ("temperature", "temperature", "Room temperature", {}),
                    ("humidity", "humidity", "Room humidity", {}),
                    ("air", "air_quality", "Room air", {"field": "co2", "unit": "ppm"}),
                )
            ],
        }

    def publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        """Say anything on any topic, as a device that lies would."""
        self._link.publish(topic, payload, retain=retain)

    def _announce(self) -> None:
        self._said.clear()
        self.thermostat.announce()
        self.radiator.announce()
        self._speak()

    def _hear(self, topic: str, payload: bytes) -> None:
        for device in self._devices:
            if topic in device.topics():
                device.hear(topic, payload)
        self._speak()

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        before = spoken = loop.time()
        while True:
            await asyncio.sleep(TICK_S)
            now = loop.time()
            self.advance((now - before) * self.speed)
            before = now
            if now >= spoken + SAY_S:
                self._said.clear()
                spoken = now
            self._speak()

    def advance(self, seconds: float) -> None:
        """Let that much of the room's own time pass."""
        valves = [one.setpoint for one in (self.thermostat, self.radiator) if one.mode != "off"]
        self.air.heating = max((self.air.demand(one) for one in valves), default=0.0)
        dry = self.air.humidity_pct < self.humidifier.target
        self.air.humidifying = self.humidifier.on and dry
        self.air.advance(seconds)
        for one in (self.thermostat, self.radiator):
            one.measure(self.air.temperature_c)

    def _speak(self) -> None:
        """Publish what has changed since it was said last."""
        air, humidifier = self.air, self.humidifier
        self._tell(f"{NAME}/temperature", f"{air.temperature_c:.1f}")
        self._tell(f"{NAME}/humidity", f"{air.humidity_pct:.0f}")
        self._tell(f"{NAME}/air", json.dumps({"co2": round(air.co2_ppm, -1)}))
        self._tell(f"{humidifier.topic}/on/state", "ON" if humidifier.on else "OFF")
        self._tell(f"{humidifier.topic}/target/state", f"{humidifier.target:g}")
        self._tell(f"{humidifier.topic}/current", f"{air.humidity_pct:.0f}")

    def _tell(self, topic: str, payload: str) -> None:
        if self._said.get(topic) != payload:
            self._said[topic] = payload
            self.publish(topic, payload)
