"""Thermostats that speak each convention, as its documents say. All of them clamp to 5..30 °C."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mirrord.simulator.climate_link import DeviceLink
from mirrord.simulator.climate_thermostat import SimulatedRadiator, SimulatedThermostat

Publish = Callable[..., None]


class Thermostat:
    """What they have in common: a setpoint, a measured temperature, a mode."""

    low, high, step = 5.0, 30.0, 0.5
    kind = ""
    reads: tuple[str, ...] = ()

    setpoint: float

    def __init__(self, publish: Publish) -> None:
        self.publish = publish
        self.setpoint, self.measured, self.mode = 20.0, 19.5, "heat"
        self.commands: list[str] = []

    def settings(self) -> dict[str, Any]:
        raise NotImplementedError

    def announce(self) -> None:
        self.report()

    def report(self) -> None:
        raise NotImplementedError

    def hear(self, topic: str, payload: bytes) -> None:
        raise NotImplementedError

    def accept(self, value: object) -> None:
        self.commands.append(str(value))
        self.setpoint = round(min(max(float(str(value)), self.low), self.high) / self.step)
        self.setpoint *= self.step
        self.report()

    def turn_by_hand(self, setpoint: float) -> None:
        self.setpoint = setpoint
        self.report()


class Announced(Thermostat):
    """Home Assistant's convention, known by discovery alone."""

    kind = "homeassistant"

    def __init__(self, publish: Publish) -> None:
        self.device = self.made(publish)
        self.device.high = self.high
        self.commands = self.device.commands
        self.reads = self.device.topics()

    def made(self, publish: Publish) -> SimulatedThermostat:
        return SimulatedThermostat("hall/wall", publish)

    @property
    def setpoint(self) -> float:
        return self.device.setpoint

    def settings(self) -> dict[str, Any]:
        return {"topic": self.device.discovery_topic}

    def announce(self) -> None:
        self.device.announce()

    def hear(self, topic: str, payload: bytes) -> None:
        self.device.hear(topic, payload)

    def turn_by_hand(self, setpoint: float) -> None:
        self.device.turn_by_hand(setpoint)


class Plain(Announced):
    """Home Assistant's convention without discovery, below one topic."""

    def made(self, publish: Publish) -> SimulatedThermostat:
        return SimulatedThermostat("kitchen/wall", publish)

    def settings(self) -> dict[str, Any]:
        return {"topic": "kitchen/wall", "discovery_topic": self.device.discovery_topic}


class Radiator(Announced):
    """Zigbee2MQTT: an echo at once, the device's own word a moment later, nothing retained."""

    kind = "zigbee2mqtt"

    def made(self, publish: Publish) -> SimulatedThermostat:
        return SimulatedRadiator("zigbee2mqtt/hall", publish)

    def settings(self) -> dict[str, Any]:
        return {"topic": "zigbee2mqtt/hall"}


class Tasmota(Thermostat):
    """Says nothing by itself; answers every command in stat/<topic>/RESULT."""

    kind = "tasmota"
    names = ("TempTargetSet1", "TempMeasuredSet1", "ThermostatModeSet1")
    reads = tuple(f"cmnd/boiler/{name}" for name in names)

    def settings(self) -> dict[str, Any]:
        return {"topic": "boiler"}

    def announce(self) -> None:
        self.publish("tele/boiler/LWT", "Online")

    def report(self) -> None:
        self.say(TempTargetSet1=self.setpoint)

    def say(self, **values: float) -> None:
        self.publish("stat/boiler/RESULT", json.dumps(values), retain=False)

    def hear(self, topic: str, payload: bytes) -> None:
        name = topic.rpartition("/")[2]
        if name == "TempMeasuredSet1":
            self.say(TempMeasuredSet1=self.measured)
        elif name == "ThermostatModeSet1":
            self.say(ThermostatModeSet1={"off": 0, "heat": 1}[self.mode])
        elif payload:
            self.accept(payload.decode())
        else:
            self.report()


class Shelly(Thermostat):
    """The first Shelly TRV: JSON in status and info."""

    kind = "shelly"
    base = "shellies/shellytrv-1"
    reads = (f"{base}/thermostat/0/command/target_t", f"{base}/command")

    def settings(self) -> dict[str, Any]:
        return {"topic": self.base}

    def announce(self) -> None:
        self.publish(f"{self.base}/online", "true")
        valve = self.valve()
        self.publish(f"{self.base}/info", json.dumps({"thermostats": [valve]}), retain=False)

    def valve(self) -> dict[str, Any]:
        enabled = self.mode != "off"
        return {
            "target_t": {"enabled": enabled, "value": self.setpoint, "units": "C"},
            "tmp": {"value": self.measured, "units": "C", "is_valid": True},
        }

    def report(self) -> None:
        self.publish(f"{self.base}/status", json.dumps(self.valve()), retain=False)

    def hear(self, topic: str, payload: bytes) -> None:
        if topic.endswith("target_t"):
            self.accept(payload.decode())
        elif payload == b"update":
            self.report()


class Shelly2(Thermostat):
    """A wall display: JSON-RPC, answers to the asker, notifications to all."""

    kind = "shelly2"
    component, base = "thermostat:0", "shelly-wall"
    reads = (f"{base}/rpc",)

    def settings(self) -> dict[str, Any]:
        return {"topic": self.base}

    def announce(self) -> None:
        self.publish(f"{self.base}/online", "true")

    def status(self) -> dict[str, Any]:
        enable = self.mode != "off"
        return {"id": 0, "enable": enable, "target_C": self.setpoint, "current_C": self.measured}

    def report(self) -> None:
        params = {"ts": 1.0, self.component: self.status()}
        notice = {"src": self.base, "method": "NotifyStatus", "params": params}
        self.publish(f"{self.base}/events/rpc", json.dumps(notice), retain=False)

    def hear(self, topic: str, payload: bytes) -> None:
        call = json.loads(payload)
        result, error = self.answer(call["method"], call["params"])
        reply = {"id": call["id"], "src": self.base, "dst": call["src"]}
        reply |= {"error": error} if error else {"result": result}
        self.publish(f"{call['src']}/rpc", json.dumps(reply), retain=False)

    def answer(self, method: str, params: dict[str, Any]) -> tuple[Any, Any]:
        if method == "Thermostat.GetStatus":
            return self.status(), None
        if method == "Thermostat.SetConfig":
            self.accept(params["config"]["target_C"])
            return {"restart_required": False}, None
        return None, {"code": -114, "message": f"Method {method} failed: no handler"}


class BluTrv(Shelly2):
    """A radiator valve on Bluetooth, behind its gateway."""

    component, base = "blutrv:200", "shelly-gateway"
    reads = (f"{base}/rpc",)

    def settings(self) -> dict[str, Any]:
        return {"topic": self.base, "component": self.component}

    def status(self) -> dict[str, Any]:
        return {"id": 200, "target_C": self.setpoint, "current_C": self.measured, "pos": 12}

    def answer(self, method: str, params: dict[str, Any]) -> tuple[Any, Any]:
        if method == "BluTrv.GetStatus" and params["id"] == 200:
            return self.status(), None
        if method == "BluTRV.Call" and params["method"] == "TRV.SetTarget":
            self.accept(params["params"]["target_C"])
            return None, None
        return None, {"code": -105, "message": "Argument 'id', value 0 not found!"}


class EspHome(Thermostat):
    """Retained states below <prefix>/climate/<id>, and Home Assistant's discovery."""

    kind = "esphome"
    base = "heatpump/climate/hall"
    reads = (f"{base}/target_temperature/command",)

    def settings(self) -> dict[str, Any]:
        return {"topic": self.base}

    def announce(self) -> None:
        self.publish("heatpump/status", "online")
        told = {"min_temp": self.low, "max_temp": self.high, "temp_step": self.step}
        self.publish("homeassistant/climate/heatpump/hall/config", json.dumps(told))
        self.report()

    def report(self) -> None:
        self.publish(f"{self.base}/mode/state", self.mode.upper())
        self.publish(f"{self.base}/current_temperature/state", str(self.measured))
        self.publish(f"{self.base}/target_temperature/state", str(self.setpoint))

    def hear(self, topic: str, payload: bytes) -> None:
        self.accept(payload.decode())


class Homie4(Thermostat):
    """Everything retained; a value beyond $format is dropped without a word."""

    kind = "homie"
    base = "homie/stove/heating"
    reads = (f"{base}/setpoint/set",)

    def settings(self) -> dict[str, Any]:
        topics = {"measured_topic": f"{self.base}/warmth", "mode_topic": f"{self.base}/mode"}
        return {"topic": f"{self.base}/setpoint", **topics}

    def announce(self) -> None:
        self.publish("homie/stove/$state", "ready")
        self.publish(f"{self.base}/setpoint/$format", f"{self.low:g}:{self.high:g}")
        self.publish(f"{self.base}/setpoint/$unit", "°C")
        self.report()

    def report(self) -> None:
        self.publish(f"{self.base}/setpoint", f"{self.setpoint:g}")
        self.publish(f"{self.base}/warmth", f"{self.measured:g}")
        self.publish(f"{self.base}/mode", self.mode)

    def hear(self, topic: str, payload: bytes) -> None:
        if self.low <= float(payload) <= self.high:
            self.accept(payload.decode())
        else:
            self.commands.append(payload.decode())


class Homie5(Homie4):
    """The same with its description in one JSON document."""

    base = "homie/5/stove/heating"
    reads = (f"{base}/setpoint/set",)

    def settings(self) -> dict[str, Any]:
        return {"topic": f"{self.base}/setpoint", "mode_topic": f"{self.base}/mode"}

    def announce(self) -> None:
        number = {"datatype": "float", "unit": "°C"}
        form = f"{self.low:g}:{self.high:g}:{self.step:g}"
        properties = {
            "setpoint": {**number, "settable": True, "format": form},
            "warmth": {**number, "settable": False},
        }
        description = {"homie": "5.0", "version": 1, "nodes": {"heating": {}}}
        description["nodes"] = {"heating": {"properties": properties}}
        self.publish("homie/5/stove/$state", "ready")
        self.publish("homie/5/stove/$description", json.dumps(description))
        self.report()


class Homemade(Thermostat):
    """Somebody's own JSON, asked for and answered."""

    kind = "generic"
    reads = ("cellar/do", "cellar/ask")

    def settings(self) -> dict[str, Any]:
        return {
            "topic": "cellar/state",
            "command_topic": "cellar/do",
            "command": '{"want": {"temp": {setpoint}}}',
            "setpoint_field": "/zones/0/want",
            "measured_field": "zones.0.is",
            "mode_field": "zones.0.mode",
            "query_topic": "cellar/ask",
            "query": "all",
        }

    def announce(self) -> None:
        return  # it has to be asked

    def report(self) -> None:
        zone = {"want": self.setpoint, "is": self.measured, "mode": self.mode}
        self.publish("cellar/state", json.dumps({"zones": [zone]}), retain=False)

    def hear(self, topic: str, payload: bytes) -> None:
        if topic == "cellar/do":
            self.accept(json.loads(payload)["want"]["temp"])
        elif payload == b"all":
            self.report()


EVERY: tuple[type[Thermostat], ...] = (
    Announced,
    Plain,
    Radiator,
    Tasmota,
    Shelly,
    Shelly2,
    BluTrv,
    EspHome,
    Homie4,
    Homie5,
    Homemade,
)


class Wired:
    """A thermostat at a broker, for as long as it is entered."""

    def __init__(self, make: type[Thermostat], host: str, port: int) -> None:
        self.device = make(self._publish)
        self._link = DeviceLink(
            host, port, self.device.reads, self.device.announce, self.device.hear
        )

    async def __aenter__(self) -> Thermostat:
        await self._link.__aenter__()
        await self._link.connected.wait()
        return self.device

    async def __aexit__(self, *_: object) -> None:
        await self._link.__aexit__(None, None, None)

    def _publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        self._link.publish(topic, payload, retain=retain)
