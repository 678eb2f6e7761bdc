"""Home Assistant's discovery messages: what a thermostat or a humidifier says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirrord.mqtt import discovery
from mirrord.mqtt.discovery import Unreadable, availability_of, field_of, sources_of
from mirrord.mqtt.payload import number
from mirrord.mqtt.source import Source, Sources
from mirrord_thermostat.convention import Command, Limits
from mirrord_thermostat.conventions.mapped import Mapped

# Of the abbreviations that Home Assistant's discovery page lists, those of these two kinds.
SHORT = {
    "curr_hum_t": "current_humidity_topic",
    "curr_hum_tpl": "current_humidity_template",
    "curr_temp_t": "current_temperature_topic",
    "curr_temp_tpl": "current_temperature_template",
    "hum_cmd_t": "target_humidity_command_topic",
    "hum_cmd_tpl": "target_humidity_command_template",
    "hum_stat_t": "target_humidity_state_topic",
    "hum_stat_tpl": "target_humidity_state_template",
    "max_hum": "max_humidity",
    "min_hum": "min_humidity",
    "mode_stat_t": "mode_state_topic",
    "mode_stat_tpl": "mode_state_template",
    "temp_cmd_t": "temperature_command_topic",
    "temp_cmd_tpl": "temperature_command_template",
    "temp_stat_t": "temperature_state_topic",
    "temp_stat_tpl": "temperature_state_template",
    "temp_unit": "temperature_unit",
}


@dataclass(frozen=True, slots=True)
class Names:
    """How one platform calls the value that is steered."""

    platform: str
    target: str
    current: str
    low: str
    high: str
    step: str
    mode: str


CLIMATE = Names(
    "climate", "temperature", "current_temperature", "min_temp", "max_temp", "temp_step", "mode"
)
HUMIDIFIER = Names(
    "humidifier", "target_humidity", "current_humidity", "min_humidity", "max_humidity", "", ""
)


def announcement(payload: bytes, names: Names) -> dict[str, Any]:
    """Return the keys of one component, written out, with `~` resolved. Raises Junk."""
    return discovery.announcement(payload, names.platform, SHORT)


def limits(keys: Mapping[str, Any], names: Names) -> Limits:
    """Return what the component accepts. Raises Junk for limits that are no numbers."""
    low, high, step = (
        None if keys.get(name) is None else number(keys[name])
        for name in (names.low, names.high, names.step)
    )
    return Limits(low, high, step if step and step > 0 else None)


def mapped(keys: Mapping[str, Any], names: Names) -> Mapped:
    """Return the convention that a component announces. Raises Unreadable or Junk."""
    if str(keys.get("temperature_unit", "C")).upper() == "F":
        raise Unreadable("it counts in °F: set it to °C")
    topic = keys.get(f"{names.target}_command_topic")
    if not isinstance(topic, str) or not topic:
        raise Unreadable(f"it announces no {names.target}_command_topic")
    template = _command_template(keys.get(f"{names.target}_command_template"))
    return Mapped(
        command=Command(topic, template),
        setpoint=_sources(keys, f"{names.target}_state"),
        measured=_sources(keys, names.current),
        mode=_sources(keys, f"{names.mode}_state") if names.mode else _on_off(keys),
        online=availability_of(keys),
        limits=limits(keys, names),
    )


def _sources(keys: Mapping[str, Any], name: str) -> Sources:
    return sources_of(keys, f"{name}_topic", f"{name}_template", "value_template")


def _on_off(keys: Mapping[str, Any]) -> Sources:
    topic = keys.get("state_topic")
    if not isinstance(topic, str) or not topic:
        return ()
    words = ((str(keys.get("payload_off", "OFF")).lower(), "off"),)
    return (Source(topic, field_of(keys.get("state_value_template")), words),)


def _command_template(template: Any) -> str:
    if template is None or template == "":
        return "{setpoint}"
    return discovery.command_of(template, {"value": "{setpoint}"})
