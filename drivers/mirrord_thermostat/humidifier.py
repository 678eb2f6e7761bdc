"""A humidifier, in Home Assistant's convention."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from mirrord.driver import Environment, Value
from mirrord.mqtt.source import Source
from mirrord_thermostat.actuator import Actuator
from mirrord_thermostat.convention import Command, Limits, Report
from mirrord_thermostat.conventions.announced import Announced
from mirrord_thermostat.conventions.mapped import Mapped
from mirrord_thermostat.discovery import HUMIDIFIER
from mirrord_thermostat.settings import HumidifierSettings


class Humidifier(Actuator):
    """Follows `humidity_pct` in steps of 5 %, at most every three minutes: air is slow."""

    kind = "humidifier"
    plausible = (0.0, 100.0)
    default_step = 5.0
    pause_s = 180.0

    def __init__(self, settings: HumidifierSettings, memory: MutableMapping[str, Any]) -> None:
        limits = Limits(settings.min_pct, settings.max_pct)
        convention = _convention(settings)
        name = settings.name or settings.topic
        super().__init__(convention, settings.topic, name, limits, memory)

    def wished(self, environment: Environment) -> float:
        return environment.humidity_pct

    def values(self, state: Report) -> dict[str, Value]:
        on = None if state.mode is None else state.mode != "off"
        return {"on": on, "target_pct": state.setpoint, "measured_pct": state.measured}


def _convention(settings: HumidifierSettings) -> Announced:
    base = settings.topic
    if base.endswith("/config"):
        return Announced(Mapped(command=None, setpoint=()), base, names=HUMIDIFIER)
    mapped = Mapped(
        command=Command(settings.command_topic or f"{base}/target/set"),
        setpoint=(Source(settings.state_topic or f"{base}/target/state"),),
        measured=(Source(settings.measured_topic or f"{base}/current"),),
        mode=(Source(settings.on_topic or f"{base}/on/state"),),
    )
    return Announced(mapped, "", limits_only=True, names=HUMIDIFIER)
