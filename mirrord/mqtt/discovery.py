"""Home Assistant's discovery messages: what they say about any kind of device."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mirrord.mqtt.payload import Junk, document
from mirrord.mqtt.source import Source, Sources

# Of the abbreviations that Home Assistant's discovery page lists, those that every kind shares.
SHORT = {
    "avty": "availability",
    "avty_t": "availability_topic",
    "avty_tpl": "availability_template",
    "cmps": "components",
    "p": "platform",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_t": "state_topic",
    "stat_val_tpl": "state_value_template",
    "t": "topic",
    "val_tpl": "value_template",
}
FILTERS = r"(?:\|\s*(?:float|int|round)\s*(?:\([\d, ]*\))?\s*)*"
_PATH = re.compile(
    r"^\{\{\s*value(?P<path>_json(?:\.\w+|\[['\"][^'\"\]]+['\"]\])+)?\s*" + FILTERS + r"\}\}$"
)
_STEP = re.compile(r"\.(\w+)|\[['\"]([^'\"\]]+)['\"]\]")


class Unreadable(Exception):
    """An announcement asks for something that cannot be followed; says what to do."""


def announcement(payload: bytes, platform: str, short: Mapping[str, str]) -> dict[str, Any]:
    """Return the keys of one component, written out, with `~` resolved. Raises Junk.

    `short` holds the abbreviations of that kind of component, beside those that all share.
    """
    keys = expanded(document(payload), short)
    components = keys.get("components")
    if isinstance(components, Mapping):
        every = [expanded(one, short) for one in components.values() if isinstance(one, Mapping)]
        keys = next((one for one in every if one.get("platform") == platform), {})
    return keys


def expanded(value: Any, short: Mapping[str, str]) -> dict[str, Any]:
    """Return the keys of an announcement without abbreviations. Raises Junk."""
    if not isinstance(value, Mapping):
        raise Junk("no JSON object")
    base, words = value.get("~"), {**SHORT, **short}
    keys: dict[str, Any] = {words.get(str(key), str(key)): one for key, one in value.items()}
    if isinstance(base, str):
        keys = {key: _based(key, one, base) for key, one in keys.items()}
    return keys


def sources_of(keys: Mapping[str, Any], topic: str, *templates: str) -> Sources:
    """Return where a value is told: the key of its topic, and of its template where it has one.

    Raises Unreadable.
    """
    place = keys.get(topic)
    if not isinstance(place, str) or not place:
        return ()
    template = next((keys[name] for name in templates if name in keys), None)
    return (Source(place, field_of(template)),)


def availability_of(keys: Mapping[str, Any]) -> Sources:
    """Return where a device says that it is there. The last word counts, whichever topic's.

    Raises Unreadable or Junk.
    """
    listed = keys.get("availability")
    single = {**keys, "topic": keys.get("availability_topic")}
    single["value_template"] = keys.get("availability_template")
    sources = []
    for one in listed if isinstance(listed, list) else [single]:
        place = expanded(one, {})
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


def command_of(template: Any, names: Mapping[str, str]) -> str:
    """Return a command template with `{{ name }}` replaced by what `names` has for it.

    Raises Unreadable where other Jinja is left.
    """
    result = template if isinstance(template, str) else ""
    for name, place in names.items():
        result = re.sub(r"\{\{\s*" + name + r"\s*" + FILTERS + r"\}\}", place, result)
    if not any(place in result for place in names.values()) or "{{" in result or "{%" in result:
        raise Unreadable('it announces a template that is not simple: use kind = "generic"')
    return result


def _based(key: str, value: Any, base: str) -> Any:
    if not isinstance(value, str) or not key.endswith("topic"):
        return value
    if value.startswith("~"):
        return base + value[1:]
    return value[:-1] + base if value.endswith("~") else value
