"""[drivers.thermostat]: what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mirrord.driver import ConfigError
from mirrord_thermostat.conventions import KINDS
from mirrord_thermostat.settings import HumidifierSettings, SensorSettings, ThermostatSettings
from tests.fakes.thermostat_bench import settings

RADIATOR = {"kind": "zigbee2mqtt", "topic": "zigbee2mqtt/radiator"}


def test_an_empty_table_is_a_driver_without_a_broker():
    assert settings({}).host == ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_needs_no_more_than_its_topic(kind: str):
    one = settings({"thermostats": [{"kind": kind, "topic": "some/place"}]}).thermostats[0]
    assert (one.min_c, one.max_c, one.comfort_c) == (16.0, 26.0, None)
    assert KINDS[kind].make(one).topics()


@pytest.mark.parametrize(
    ("thermostat", "said"),
    [
        ({**RADIATOR, "kind": "zigbee2mqqt"}, "did you mean 'zigbee2mqtt'?"),
        ({**RADIATOR, "kind": "xyz"}, "known are homeassistant, zigbee2mqtt"),
        ({**RADIATOR, "comfort": 21}, "did you mean comfort_c?"),
        ({**RADIATOR, "min_c": 25, "max_c": 20}, "min_c = 25 is above max_c = 20"),
        ({**RADIATOR, "comfort_c": 30}, "comfort_c has to lie in min_c..max_c"),
        ({**RADIATOR, "min_c": -3}, "min_c"),
        ({**RADIATOR, "query": "x"}, "query has no meaning for kind = 'zigbee2mqtt'"),
        ({"kind": "tasmota", "topic": "boiler/#"}, "topic"),
        ({"kind": "generic", "topic": "a", "command": "on"}, "{setpoint}"),
        ({"topic": "a"}, "kind"),
    ],
)
def test_impossible_thermostats_are_refused(thermostat: dict[str, Any], said: str):
    with pytest.raises(ConfigError) as refusal:
        settings({"thermostats": [thermostat]})
    assert said in str(refusal.value)
    assert "drivers.thermostat.thermostats" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"thermostats": [RADIATOR, RADIATOR]}, "two devices have the topic"),
        ({"password_file": "secret"}, "password_file needs a username"),
        ({"ca_file": "ca.crt"}, "ca_file needs tls = true"),
        ({"port": 0}, "port"),
        ({"sensors": [{"topic": "a", "measures": "noise"}]}, "measures"),
        ({"sensors": [{"topic": "a", "measures": "humidity", "unit": "ppm"}]}, "percent"),
        ({"humidifiers": [{"topic": "a", "min_pct": 60, "max_pct": 40}]}, "min_pct"),
    ],
)
def test_impossible_tables_are_refused(table: dict[str, Any], said: str):
    with pytest.raises(ConfigError, match=r"^mirrord\.toml: drivers\.thermostat") as refusal:
        settings(table)
    assert said in str(refusal.value)


@pytest.mark.parametrize("kind", [ThermostatSettings, HumidifierSettings, SensorSettings])
def test_every_key_and_every_kind_is_documented(kind: type[msgspec.Struct]):
    page = (Path(__file__).parent.parent / "docs" / "drivers-thermostat.md").read_text()
    keys = {field.encode_name for field in msgspec.structs.fields(kind)} | set(KINDS)
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
