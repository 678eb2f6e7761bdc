"""Lights of any make behind an MQTT broker."""

from __future__ import annotations

from mirrord.driver import Plugin
from mirrord_hub_entities.driver import open_lights
from mirrord_hub_entities.settings import HubEntitiesSettings

plugin = Plugin(
    name="hub_entities",
    title="Lights over MQTT",
    config=HubEntitiesSettings,
    open=open_lights,
)
