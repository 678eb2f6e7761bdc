"""Home Assistant's MQTT climate: topics of one's own choice, announced by discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrord.mqtt.source import Source
from mirrord_thermostat.convention import Command
from mirrord_thermostat.conventions.announced import Announced
from mirrord_thermostat.conventions.mapped import Mapped

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings


def homeassistant(settings: ThermostatSettings) -> Announced:
    """`topic` is a discovery topic (".../config"), which says everything, or a base topic.

    Below a base topic: `temperature/set` and `temperature/state` (setpoint),
    `current_temperature/state` and `mode/state`, unless the settings name other topics.
    """
    if settings.topic.endswith("/config"):
        return Announced(Mapped(command=None, setpoint=()), settings.topic)
    base = settings.topic
    measured = settings.measured_topic or f"{base}/current_temperature/state"
    mapped = Mapped(
        command=Command(settings.command_topic or f"{base}/temperature/set"),
        setpoint=(
            Source(settings.state_topic or f"{base}/temperature/state", settings.setpoint_field),
        ),
        measured=(Source(measured, settings.measured_field),),
        mode=(Source(settings.mode_topic or f"{base}/mode/state", settings.mode_field),),
    )
    return Announced(mapped, settings.discovery_topic, limits_only=True)
