"""The conventions that thermostats speak. A new one is one more module and one more line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mirrord.mqtt.kinds import Kind
from mirrord_thermostat.convention import Convention
from mirrord_thermostat.conventions.esphome import esphome
from mirrord_thermostat.conventions.generic import generic
from mirrord_thermostat.conventions.homeassistant import homeassistant
from mirrord_thermostat.conventions.homie import Homie
from mirrord_thermostat.conventions.shelly import shelly
from mirrord_thermostat.conventions.shelly2 import Shelly2
from mirrord_thermostat.conventions.tasmota import tasmota
from mirrord_thermostat.conventions.zigbee2mqtt import Zigbee2Mqtt

if TYPE_CHECKING:
    from mirrord_thermostat.settings import ThermostatSettings

TOPICS = frozenset({"measured_topic", "measured_field", "mode_topic", "mode_field"})
STATE = TOPICS | {"command_topic", "state_topic", "setpoint_field"}


KINDS: Mapping[str, Kind[ThermostatSettings, Convention]] = {
    "homeassistant": Kind(
        homeassistant, "homeassistant/climate/<id>/config", STATE | {"discovery_topic"}
    ),
    "zigbee2mqtt": Kind(
        Zigbee2Mqtt, "zigbee2mqtt/<name>", frozenset({"setpoint_field", "discovery_topic"})
    ),
    "tasmota": Kind(tasmota, "<topic of the device>", frozenset({"component"})),
    "shelly": Kind(shelly, "shellies/<id>"),
    "shelly2": Kind(Shelly2, "<prefix of the device>", frozenset({"component"})),
    "esphome": Kind(esphome, "<prefix>/climate/<id>", frozenset({"discovery_topic"})),
    "homie": Kind(Homie, "homie/<device>/<node>/<property>", TOPICS),
    "generic": Kind(generic, "<state topic>", STATE | {"command", "query_topic", "query"}),
}
