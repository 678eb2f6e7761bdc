"""What is read from payloads: numbers, fields, discovery messages, air quality, sensors."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.driver import AirQuality
from mirrord.mqtt import Message
from mirrord.mqtt.discovery import Unreadable, field_of
from mirrord.mqtt.payload import Junk, at, number, plain
from mirrord_thermostat.air import BANDS, quality
from mirrord_thermostat.convention import Limits
from mirrord_thermostat.discovery import (
    CLIMATE,
    HUMIDIFIER,
    Names,
    announcement,
    mapped,
)
from mirrord_thermostat.sensor import Sensor
from tests.fakes.thermostat_bench import settings


@pytest.mark.parametrize("value", [21, 21.0, "21", " 21.0 "])
def test_numbers_come_as_numbers_or_as_text(value: object):
    assert number(value) == 21.0


@pytest.mark.parametrize(
    "value", [None, True, "", "warm", "nan", "inf", float("nan"), [21], {"a": 1}, 10**400]
)
def test_what_is_no_finite_number_is_junk(value: object):
    with pytest.raises(Junk):
        number(value)


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("a.b", 1),
        ("/a/b", 1),
        ("list.1", "y"),
        ("/list/9", None),
        ("a.b.c", None),
        ("/odd~1key", 2),
        ("/til~0de", 3),
        ("list.-1", None),
        ("nothing", None),
    ],
)
def test_fields_are_pointers_or_dotted_paths(field: str, found: object):
    document = {"a": {"b": 1}, "list": ["x", "y"], "odd/key": 2, "til~de": 3}
    assert at(document, field) == found


@given(st.floats(-40, 90))
def test_numbers_are_written_plainly(value: float):
    assert "e" not in plain(value)
    assert float(plain(value)) == pytest.approx(value, abs=0.0051, rel=1e-4)


@pytest.mark.parametrize(
    ("template", "field"),
    [
        (None, ""),
        ("{{ value }}", ""),
        ("{{value|float}}", ""),
        ("{{ value_json.occupied_heating_setpoint }}", "/occupied_heating_setpoint"),
        ("{{ value_json.tmp.value | round(1) }}", "/tmp/value"),
        ("{{ value_json['odd key'][\"x\"] }}", "/odd key/x"),
    ],
)
def test_simple_templates_are_fields(template: str | None, field: str):
    assert field_of(template) == field


@pytest.mark.parametrize(
    "template",
    [
        "{% if value == 'x' %}1{% endif %}",
        "{{ value_json.a + 1 }}",
        "{{ states('sensor.x') }}",
        "{{ value.__class__ }}",
        7,
    ],
)
def test_any_other_template_is_not_followed(template: object):
    with pytest.raises(Unreadable, match="generic"):
        field_of(template)


def announced(names: Names = CLIMATE, **keys: Any) -> Any:
    return mapped(announcement(json.dumps(keys).encode(), names), names)


def test_a_discovery_message_says_everything():
    one = announced(
        **{"~": "hall/wall", "temp_cmd_t": "~/set", "temp_stat_t": "~/state"},
        **{"temp_stat_tpl": "{{ value_json.want }}", "curr_temp_t": "~/now"},
        **{"mode_stat_t": "~/mode", "min_temp": 7, "max_temp": "28", "temp_step": 0.5},
        temp_cmd_tpl='{"want": {{ value }}}',
    )
    assert one.topics() == {"hall/wall/state", "hall/wall/now", "hall/wall/mode"}
    assert one.limits == Limits(7.0, 28.0, 0.5)
    assert one.encode(21.5) == Message("hall/wall/set", '{"want": 21.5}')
    assert one.decode("hall/wall/state", b'{"want": 20}').setpoint == 20.0


def test_discovery_of_a_whole_device_is_searched_for_its_climate():
    components = {
        "temp": {"p": "sensor", "state_topic": "x"},
        "heat": {"p": "climate", "temperature_command_topic": "hall/set"},
    }
    assert announced(cmps=components).encode(21.0) == Message("hall/set", "21")


def test_a_humidifier_s_discovery_is_read_too():
    keys = {"hum_cmd_t": "h/set", "hum_stat_t": "h/state", "stat_t": "h/on", "max_hum": 65}
    one = announced(HUMIDIFIER, **keys)
    assert one.encode(45.0) == Message("h/set", "45")
    assert one.decode("h/on", b"OFF").mode == "off"
    assert one.limits == Limits(None, 65.0, None)


@pytest.mark.parametrize(
    "keys",
    [{}, {"temp_cmd_t": "x", "temp_unit": "F"}, {"temp_cmd_t": "x", "temp_cmd_tpl": "{{ now() }}"}],
)
def test_announcements_that_cannot_be_followed_say_why(keys: dict[str, Any]):
    with pytest.raises(Unreadable):
        announced(**keys)


@pytest.mark.parametrize("unit", BANDS)
@given(st.floats(100, 500), st.floats(100, 500))
def test_worse_air_never_has_a_better_word(unit: str, one: float, other: float):
    words = get_args(AirQuality)
    cleaner, dirtier = sorted((one, other))
    assert words.index(quality(cleaner, unit)) <= words.index(quality(dirtier, unit))


@pytest.mark.parametrize(
    ("value", "unit", "word"),
    [
        (800, "ppm", "excellent"),
        (801, "ppm", "good"),
        (1400, "ppm", "moderate"),
        (1401, "ppm", "needs_improvement"),
        (51, "iaq", "good"),
        ("4.9", "ugm3", "excellent"),
        (26, "ugm3", "needs_improvement"),
        ("Excellent", "word", "excellent"),
        ("unhealthy", "word", "needs_improvement"),
        ("needs improvement", "word", "needs_improvement"),
    ],
)
def test_air_quality_in_words(value: object, unit: str, word: str):
    assert quality(value, unit) == word


def sensor(**keys: Any) -> Sensor:
    return Sensor(settings({"sensors": [{"topic": "s", **keys}]}).sensors[0])


def values(one: Sensor, now: float) -> dict[str, Any]:
    return dict(one.device(now).values)


@pytest.mark.parametrize(
    ("keys", "payload", "key", "value"),
    [
        ({"measures": "temperature"}, b"21.5", "temperature_c", 21.5),
        ({"measures": "temperature"}, b'{"temperature": 21.5}', "temperature_c", 21.5),
        ({"measures": "temperature", "unit": "fahrenheit"}, b"68", "temperature_c", 20.0),
        ({"measures": "humidity", "field": "/a/0"}, b'{"a": [44]}', "humidity_pct", 44.0),
        ({"measures": "air_quality"}, b'{"co2": 950}', "air_quality", "good"),
        ({"measures": "air_quality", "unit": "word"}, b"poor", "air_quality", "needs_improvement"),
    ],
)
def test_sensors_read_their_value(keys: dict[str, Any], payload: bytes, key: str, value: object):
    one = sensor(**keys)
    one.hear("s", payload, 0.0)
    assert values(one, 1.0)[key] == value
    assert values(one, 1.0)["raw"] in (21.5, 68.0, 44.0, 950.0, "poor")


def test_a_value_that_is_too_old_is_none():
    one = sensor(measures="temperature", stale_s=60)
    one.hear("s", b"21", 0.0)
    assert values(one, 59.0)["temperature_c"] == 21.0
    assert values(one, 61.0)["temperature_c"] is None


@pytest.mark.parametrize(
    "payload",
    [b"", b"nan", b"-300", b"900", b"\xff\xfe", b"[]", b'{"temperature": {}}', b"{" * 5000],
)
def test_junk_neither_raises_nor_replaces_a_value(payload: bytes, caplog: pytest.LogCaptureFixture):
    one = sensor(measures="temperature")
    one.hear("s", b"21", 0.0)
    for _ in range(3):
        one.hear("s", payload, 1.0)
    assert values(one, 2.0)["temperature_c"] == 21.0
    assert len([line for line in caplog.records if line.levelname == "WARNING"]) == 1
