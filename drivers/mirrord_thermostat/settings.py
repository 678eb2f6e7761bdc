"""[drivers.thermostat]: the broker and the devices behind it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mirrord.mqtt.driver import BrokerTable, Name, OptionalTopic, Topic
from mirrord.mqtt.kinds import check_kind
from mirrord_thermostat.conventions import KINDS

Celsius = Annotated[float, Meta(ge=4.0, le=35.0)]
Percent = Annotated[float, Meta(ge=0.0, le=100.0)]
Unit = Literal["", "celsius", "fahrenheit", "percent", "ppm", "iaq", "ugm3", "word"]
UNITS: dict[str, tuple[Unit, ...]] = {  # the first is the default
    "temperature": ("celsius", "fahrenheit"),
    "humidity": ("percent",),
    "air_quality": ("ppm", "iaq", "ugm3", "word"),
}


class ThermostatSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thermostat. The keys after `comfort_c` are for the kinds that need them."""

    kind: Annotated[str, Meta(examples=list(KINDS))]
    topic: Topic
    name: Name = ""
    min_c: Celsius = 16.0
    max_c: Celsius = 26.0
    comfort_c: Celsius | None = None
    command_topic: OptionalTopic = ""
    command: str = "{setpoint}"
    state_topic: OptionalTopic = ""
    setpoint_field: str = ""
    measured_topic: OptionalTopic = ""
    measured_field: str = ""
    mode_topic: OptionalTopic = ""
    mode_field: str = ""
    query_topic: OptionalTopic = ""
    query: str = ""
    discovery_topic: OptionalTopic = ""
    component: str = ""

    def __post_init__(self) -> None:
        check_kind(self, self.kind, KINDS, "thermostat")
        if "{setpoint}" not in self.command:
            raise ValueError("command has to contain {setpoint}, where the number goes")
        _check_range(self.min_c, self.max_c, "min_c", "max_c")
        if self.comfort_c is not None and not self.min_c <= self.comfort_c <= self.max_c:
            raise ValueError(f"comfort_c has to lie in min_c..max_c, {self.min_c}..{self.max_c}")

    @property
    def identity(self) -> str:
        """What tells it from other devices, also behind one gateway."""
        return f"{self.topic}/{self.component}" if self.component else self.topic


class HumidifierSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One humidifier, in Home Assistant's convention.

    `topic` is a discovery topic (".../config") or a base topic, below which `target/set`,
    `target/state`, `on/state` and `current` are used unless other topics are given.
    """

    topic: Topic
    name: Name = ""
    min_pct: Percent = 30.0
    max_pct: Percent = 70.0
    command_topic: OptionalTopic = ""
    state_topic: OptionalTopic = ""
    on_topic: OptionalTopic = ""
    measured_topic: OptionalTopic = ""

    def __post_init__(self) -> None:
        _check_range(self.min_pct, self.max_pct, "min_pct", "max_pct")


class SensorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measured value. `field` says where in a JSON payload it is."""

    topic: Topic
    measures: Literal["temperature", "humidity", "air_quality"]
    field: str = ""
    unit: Unit = ""
    name: Name = ""
    stale_s: Annotated[float, Meta(ge=1.0, le=86_400.0)] = 900.0

    def __post_init__(self) -> None:
        known = UNITS[self.measures]
        if self.unit and self.unit not in known:
            raise ValueError(f"unit of {self.measures} has to be one of {', '.join(known)}")

    @property
    def measured_in(self) -> Unit:
        return self.unit or UNITS[self.measures][0]


class BrokerSettings(BrokerTable, frozen=True, forbid_unknown_fields=True):
    """The table itself: the broker, and the devices behind it."""

    thermostats: tuple[ThermostatSettings, ...] = ()
    humidifiers: tuple[HumidifierSettings, ...] = ()
    sensors: tuple[SensorSettings, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        steered = [one.identity for one in self.thermostats]
        steered += [one.topic for one in self.humidifiers]
        if twice := [topic for topic in steered if steered.count(topic) > 1]:
            raise ValueError(f"two devices have the topic {twice[0]!r}")


def _check_range(low: float, high: float, low_key: str, high_key: str) -> None:
    if low > high:
        raise ValueError(f"{low_key} = {low:g} is above {high_key} = {high:g}")
