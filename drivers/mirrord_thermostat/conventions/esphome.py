"""ESPHome's climate component: `<prefix>/climate/<id>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt.source import Source
from mirrord_thermostat.convention import Command
from mirrord_thermostat.conventions.announced import Announced
from mirrord_thermostat.conventions.mapped import Mapped

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings


def esphome(settings: ThermostatSettings) -> Announced:
    """Topics as ESPHome names them; limits from its Home Assistant discovery, if it is on."""
    topic = settings.topic
    prefix, _, name = topic.rpartition("/climate/")
    mapped = Mapped(
        command=Command(f"{topic}/target_temperature/command"),
        setpoint=(Source(f"{topic}/target_temperature/state"),),
        measured=(Source(f"{topic}/current_temperature/state"),),
        mode=(Source(f"{topic}/mode/state"),),
        online=(Source(f"{prefix}/status"),) if prefix else (),
    )
    guess = f"homeassistant/climate/{prefix.rpartition('/')[2]}/{name}/config" if prefix else ""
    return Announced(mapped, settings.discovery_topic or guess, limits_only=True)
