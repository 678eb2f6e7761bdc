"""Home Assistant's discovery messages: what a light says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mirrord.lamp_colour import COOLEST, WARMEST
from mirrord.mqtt import discovery
from mirrord.mqtt.discovery import Unreadable, availability_of, command_of, sources_of
from mirrord.mqtt.payload import Junk, number_within
from mirrord.mqtt.source import Source
from mirrord_hub_entities.colours import read_colour, read_hs, read_xy
from mirrord_hub_entities.convention import Abilities, Convention
from mirrord_hub_entities.conventions.json_light import Form, JsonLight
from mirrord_hub_entities.conventions.mapped import Command, Mapped

# Of the abbreviations that Home Assistant's discovery page lists, those of lights.
SHORT = {
    "bri_cmd_t": "brightness_command_topic",
    "bri_cmd_tpl": "brightness_command_template",
    "bri_scl": "brightness_scale",
    "bri_stat_t": "brightness_state_topic",
    "bri_val_tpl": "brightness_value_template",
    "clr_temp_cmd_t": "color_temp_command_topic",
    "clr_temp_cmd_tpl": "color_temp_command_template",
    "clr_temp_k": "color_temp_kelvin",
    "clr_temp_stat_t": "color_temp_state_topic",
    "clr_temp_val_tpl": "color_temp_value_template",
    "cmd_t": "command_topic",
    "fx_list": "effect_list",
    "hs_cmd_t": "hs_command_topic",
    "hs_cmd_tpl": "hs_command_template",
    "hs_stat_t": "hs_state_topic",
    "hs_val_tpl": "hs_value_template",
    "max_k": "max_kelvin",
    "max_mirs": "max_mireds",
    "min_k": "min_kelvin",
    "min_mirs": "min_mireds",
    "rgb_cmd_t": "rgb_command_topic",
    "rgb_cmd_tpl": "rgb_command_template",
    "rgb_stat_t": "rgb_state_topic",
    "rgb_val_tpl": "rgb_value_template",
    "sup_clrm": "supported_color_modes",
    "xy_cmd_t": "xy_command_topic",
    "xy_cmd_tpl": "xy_command_template",
    "xy_stat_t": "xy_state_topic",
    "xy_val_tpl": "xy_value_template",
}
Reading = Callable[[Any], str | None]


def _pair(read: Callable[[Any, Any], str]) -> Reading:
    def of_text(value: Any) -> str:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list) or len(parts) != 2:
            raise Junk("no colour")
        return read(*parts)

    return of_text


# How the default schema writes each kind of colour (the words of its templates, and what stands
# for them here), and how it is read.
COLOURS: tuple[tuple[str, dict[str, str], Reading], ...] = (
    ("rgb", {"red": "{red}", "green": "{green}", "blue": "{blue}"}, read_colour),
    ("hs", {"hue": "{hue}", "sat": "{saturation}"}, _pair(read_hs)),
    ("xy", {"x": "{x}", "y": "{y}"}, _pair(read_xy)),
)
FORMS: tuple[Form, ...] = ("xy", "rgb", "hs")


def announcement(payload: bytes) -> dict[str, Any]:
    """Return the keys of the light that is announced. Raises Junk."""
    return discovery.announcement(payload, "light", SHORT)


def light(keys: Mapping[str, Any]) -> Convention:
    """Return the convention that a light announces. Raises Unreadable or Junk."""
    schema = keys.get("schema", "default")
    if schema not in ("json", "default", "basic"):
        raise Unreadable(f'it announces the schema {str(schema)[:20]!r}: use kind = "generic"')
    if not _text(keys, "command_topic"):
        raise Unreadable("it announces no command_topic")
    if not _text(keys, "state_topic"):
        raise Unreadable("it announces no state_topic, so how it is cannot be known")
    return _json(keys) if schema == "json" else _default(keys)


def _json(keys: Mapping[str, Any]) -> JsonLight:
    modes = keys.get("supported_color_modes")
    modes = modes if isinstance(modes, list) else [form for form in FORMS if keys.get(form)]
    forms = [form for form in FORMS if form in modes]
    abilities = Abilities(
        dims=keys.get("brightness", True) is not False and modes != ["onoff"],
        colours=bool(forms),
        whites=_whites(keys) if "color_temp" in modes or keys.get("color_temp") else None,
    )
    return JsonLight(
        command=_text(keys, "command_topic"),
        state=_text(keys, "state_topic"),
        online=availability_of(keys),
        top=_top(keys),
        form=forms[0] if forms else "rgb",
        kelvin=keys.get("color_temp_kelvin") is True,
        abilities=abilities,
        announced=bool(modes),
    )


def _default(keys: Mapping[str, Any]) -> Mapped:
    topic = _text(keys, "command_topic")
    on, off = str(keys.get("payload_on", "ON")), str(keys.get("payload_off", "OFF"))
    words = ((on.lower(), "on"), (off.lower(), "off"))
    states = sources_of(keys, "state_topic", "state_value_template", "value_template")
    colour = next((one for one in COLOURS if _text(keys, f"{one[0]}_command_topic")), None)
    white = _command(keys, "color_temp", {"value": "{mired}"})
    kelvin = keys.get("color_temp_kelvin") is True
    mapped = Mapped(
        on=Command(topic, on),
        off=Command(topic, off),
        level=_command(keys, "brightness", {"value": "{brightness}"}),
        on_at=tuple(Source(one.topic, one.field, words) for one in states),
        level_at=sources_of(keys, "brightness_state_topic", "brightness_value_template"),
        online=availability_of(keys),
        top=_top(keys),
    )
    if white is not None and not kelvin:
        mapped.white, mapped.whites = white, _whites(keys)
        mapped.white_at = sources_of(keys, "color_temp_state_topic", "color_temp_value_template")
    if colour is not None:
        name, words_of, mapped.read_tint = colour
        mapped.tint = _command(keys, name, words_of)
        mapped.tint_at = sources_of(keys, f"{name}_state_topic", f"{name}_value_template")
    return mapped


def _command(keys: Mapping[str, Any], name: str, words: Mapping[str, str]) -> Command | None:
    topic, template = _text(keys, f"{name}_command_topic"), keys.get(f"{name}_command_template")
    if not topic:
        return None
    plain = template is None or template == ""
    return Command(topic, ",".join(words.values()) if plain else command_of(template, words))


def _whites(keys: Mapping[str, Any]) -> tuple[int, int]:
    """Return the coolest and the warmest white in mired. Raises Junk."""
    coolest, warmest = keys.get("min_mireds"), keys.get("max_mireds")
    if coolest is None and keys.get("max_kelvin") is not None:
        coolest = 1e6 / number_within(keys["max_kelvin"], 1000, 20_000)
    if warmest is None and keys.get("min_kelvin") is not None:
        warmest = 1e6 / number_within(keys["min_kelvin"], 1000, 20_000)
    low = round(number_within(COOLEST if coolest is None else coolest, 50, 1000))
    high = round(number_within(WARMEST if warmest is None else warmest, 50, 1000))
    return min(low, high), max(low, high)


def _top(keys: Mapping[str, Any]) -> float:
    return number_within(keys.get("brightness_scale", 255), 2, 100_000)


def _text(keys: Mapping[str, Any], name: str) -> str:
    value = keys.get(name)
    wild = isinstance(value, str) and set(value) & set("#+\0")
    return "" if not isinstance(value, str) or wild else value
