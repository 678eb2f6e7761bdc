"""Home Assistant's discovery messages: what a device says of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirrord_thermostat.convention import Command, Limits, Source
from mirrord_thermostat.conventions.mapped import Mapped, Sources
from mirrord_thermostat.payload import Junk, document, number

# The abbreviations that Home Assistant's discovery page lists for what is read here.
SHORT = {
    "avty": "availability",
    "avty_t": "availability_topic",
    "avty_tpl": "availability_template",
    "cmps": "components",
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
    "p": "platform",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_t": "state_topic",
    "stat_val_tpl": "state_value_template",
    "t": "topic",
    "temp_cmd_t": "temperature_command_topic",
    "temp_cmd_tpl": "temperature_command_template",
    "temp_stat_t": "temperature_state_topic",
    "temp_stat_tpl": "temperature_state_template",
    "temp_unit": "temperature_unit",
    "val_tpl": "value_template",
}
_FILTERS = r"(?:\|\s*(?:float|int|round)\s*(?:\([\d, ]*\))?\s*)*"
_PATH = re.compile(
    r"^\{\{\s*value(?P<path>_json(?:\.\w+|\[['\"][^'\"\]]+['\"]\])+)?\s*" + _FILTERS + r"\}\}$"
)
_STEP = re.compile(r"\.(\w+)|\[['\"]([^'\"\]]+)['\"]\]")
_VALUE = re.compile(r"\{\{\s*value\s*" + _FILTERS + r"\}\}")


class Unreadable(Exception):
    """An announcement asks for something that cannot be followed; says what to do."""


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
    keys = _expanded(document(payload))
    components = keys.get("components")
    if isinstance(components, Mapping):
        every = [_expanded(one) for one in components.values() if isinstance(one, Mapping)]
        keys = next((one for one in every if one.get("platform") == names.platform), {})
    return keys


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
        online=_availability(keys),
        limits=limits(keys, names),
    )


def _expanded(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Junk("no JSON object")
    base = value.get("~")
    keys: dict[str, Any] = {SHORT.get(str(key), str(key)): one for key, one in value.items()}
    if isinstance(base, str):
        keys = {key: _based(key, one, base) for key, one in keys.items()}
    return keys


def _based(key: str, value: Any, base: str) -> Any:
    if not isinstance(value, str) or not key.endswith("topic"):
        return value
    if value.startswith("~"):
        return base + value[1:]
    return value[:-1] + base if value.endswith("~") else value


def _sources(keys: Mapping[str, Any], name: str) -> Sources:
    topic = keys.get(f"{name}_topic")
    if not isinstance(topic, str) or not topic:
        return ()
    template = keys.get(f"{name}_template", keys.get("value_template"))
    return (Source(topic, field_of(template)),)


def _on_off(keys: Mapping[str, Any]) -> Sources:
    topic = keys.get("state_topic")
    if not isinstance(topic, str) or not topic:
        return ()
    words = ((str(keys.get("payload_off", "OFF")).lower(), "off"),)
    return (Source(topic, field_of(keys.get("state_value_template")), words),)


def _availability(keys: Mapping[str, Any]) -> Sources:
    """The last word counts, whichever topic it comes from."""
    listed = keys.get("availability")
    single = {**keys, "topic": keys.get("availability_topic")}
    single["value_template"] = keys.get("availability_template")
    sources = []
    for one in listed if isinstance(listed, list) else [single]:
        place = _expanded(one)
        topic = place.get("topic")
        if isinstance(topic, str) and topic:
            words = ((str(place.get("payload_available", "online")).lower(), "online"),)
            sources.append(Source(topic, field_of(place.get("value_template")), words))
    return tuple(sources)


def field_of(template: Any) -> str:
    """Return the JSON pointer behind `{{ value_json.a.b }}`, "" for the whole payload.

    Raises Unreadable for any other Jinja: evaluating what a broker sends would be unsafe.
    """
    if template is None or template == "":
        return ""
    match = _PATH.match(template.strip()) if isinstance(template, str) else None
    if match is None:
        raise Unreadable('it announces a template that is not simple: use kind = "generic"')
    steps = [plain or quoted for plain, quoted in _STEP.findall(match["path"] or "")]
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _command_template(template: Any) -> str:
    if template is None or template == "":
        return "{setpoint}"
    result = _VALUE.sub("{setpoint}", template) if isinstance(template, str) else ""
    if "{setpoint}" not in result or "{{" in result or "{%" in result:
        raise Unreadable('it announces a template that is not simple: use kind = "generic"')
    return result
