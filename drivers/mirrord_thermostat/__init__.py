"""Thermostats, humidifiers and sensors behind an MQTT broker."""

from __future__ import annotations

from mirrord.driver import Plugin
from mirrord_thermostat.driver import open_thermostat
from mirrord_thermostat.settings import BrokerSettings

plugin = Plugin(
    name="thermostat",
    title="Thermostats over MQTT",
    config=BrokerSettings,
    open=open_thermostat,
)
