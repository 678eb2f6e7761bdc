"""The conventions that lights speak. A new one is one more module and one more line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mirrord.mqtt.kinds import Kind
from mirrord_hub_entities.convention import Convention
from mirrord_hub_entities.conventions.esphome import esphome
from mirrord_hub_entities.conventions.generic import generic
from mirrord_hub_entities.conventions.homeassistant import homeassistant
from mirrord_hub_entities.conventions.tasmota import Tasmota
from mirrord_hub_entities.conventions.wled import Wled
from mirrord_hub_entities.conventions.zigbee2mqtt import Zigbee2Mqtt

if TYPE_CHECKING:
    from mirrord_hub_entities.settings import LightSettings

TOPICS = frozenset({"command_topic", "state_topic"})
TEMPLATES = frozenset({"command", "off", "query_topic", "query", "brightness_scale"})
FIELDS = frozenset({"on_field", "brightness_field", "color_field"})


KINDS: Mapping[str, Kind[LightSettings, Convention]] = {
    "zigbee2mqtt": Kind(Zigbee2Mqtt, "zigbee2mqtt/<name>"),
    "homeassistant": Kind(homeassistant, "homeassistant/light/<id>/config", TOPICS),
    "tasmota": Kind(Tasmota, "<topic of the device>"),
    "wled": Kind(Wled, "<device topic>"),
    "esphome": Kind(esphome, "<prefix>/light/<id>"),
    "generic": Kind(generic, "<state topic>", TOPICS | TEMPLATES | FIELDS),
}
