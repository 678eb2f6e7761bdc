"""Every convention, spoken to a device of its kind behind a real broker."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mirrord.testing import BRIGHT, DIM
from mirrord_thermostat.convention import Report
from mirrord_thermostat.conventions import KINDS
from mirrord_thermostat.payload import Junk
from tests.fakes import thermostats as devices
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.thermostat_bench import Bench, settings, until

GONE = replace(BRIGHT, present=False)
every_device = pytest.mark.parametrize("make", devices.EVERY, ids=lambda make: make.__name__)


def table(broker: Mosquitto, device: devices.Thermostat, **more: Any) -> dict[str, Any]:
    thermostat = {"kind": device.kind, **device.settings(), **more}
    return {"host": broker.host, "port": broker.port, "thermostats": [thermostat]}


@every_device
async def test_sets_confirms_and_gives_back(make: type[devices.Thermostat], tmp_path: Path):
    async with Mosquitto(tmp_path) as broker, devices.Wired(make, broker.host, broker.port) as one:
        bench = Bench()
        async with bench.open(table(broker, one)) as room:
            await room.apply(BRIGHT)
            await until(lambda: one.setpoint == 24.0, "the wish did not arrive")
            await until(lambda: bench.value("thermostat", "confirmed") is True, "unconfirmed")
            assert bench.value("thermostat", "setpoint_c") == 24.0
            await until(lambda: bench.value("thermostat", "measured_c") == 19.5, "not measured")
            if make is not devices.BluTrv:  # which has no mode
                assert bench.value("thermostat", "mode") in ("heat", "auto")
            for _ in range(3):
                await room.apply(BRIGHT)
            assert len(one.commands) == 1
        await until(lambda: one.setpoint == 20.0, "the old setpoint did not come back")


@every_device
async def test_leaves_alone_what_a_hand_has_set(make: type[devices.Thermostat], tmp_path: Path):
    async with Mosquitto(tmp_path) as broker, devices.Wired(make, broker.host, broker.port) as one:
        bench = Bench()
        async with bench.open(table(broker, one)) as room:
            await room.apply(BRIGHT)
            await until(lambda: bench.value("thermostat", "confirmed") is True, "unconfirmed")
            await until(lambda: one.setpoint == 24.0, "an echo alone")
            one.turn_by_hand(17.0)
            await until(lambda: bench.value("thermostat", "setpoint_c") == 17.0, "unheard")
            await until(lambda: bench.value("thermostat", "held") is True, "not held")
            sent = len(one.commands)
            await room.apply(replace(DIM, temperature_c=22.0))
            await asyncio.sleep(0.4)
            await room.apply(GONE)
            await until(lambda: bench.value("thermostat", "held") is False, "still held")
            assert one.setpoint == 17.0
            assert len(one.commands) == sent
        await asyncio.sleep(0.2)
        assert one.setpoint == 17.0
        assert not any(key.startswith("thermostat:") for key in bench.kept)


@pytest.mark.parametrize(
    "make",
    [one for one in devices.EVERY if one.kind in ("homeassistant", "zigbee2mqtt", "homie")]
    + [devices.EspHome],
    ids=lambda make: make.__name__,
)
async def test_asks_for_no_more_than_the_device_announces(
    make: type[devices.Thermostat], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(make, "high", 22.5)  # of the device, not of ours
    async with Mosquitto(tmp_path) as broker, devices.Wired(make, broker.host, broker.port) as one:
        bench = Bench()
        async with bench.open(table(broker, one)) as room:
            await room.apply(BRIGHT)
            await until(lambda: bench.value("thermostat", "confirmed") is True, "unconfirmed")
            await until(lambda: one.setpoint == 22.5, "not at the device's end")
            assert all("24" not in command for command in one.commands)


async def test_answers_of_shelly_that_refuse_are_shown(tmp_path: Path):
    class Wrong(devices.BluTrv):
        def settings(self) -> dict[str, Any]:
            return {"topic": "shelly-wall", "component": "blutrv:201"}

    async with Mosquitto(tmp_path) as broker, devices.Wired(Wrong, broker.host, broker.port) as one:
        bench = Bench()
        async with bench.open(table(broker, one)):
            await until(lambda: bench.value("thermostat", "problem"), "no problem shown")
            assert "not found" in str(bench.value("thermostat", "problem"))


async def test_zigbee_device_that_the_bridge_does_not_know_is_shown(tmp_path: Path):
    async with (
        Mosquitto(tmp_path) as broker,
        devices.Wired(devices.Radiator, broker.host, broker.port) as one,
    ):
        bench = Bench()
        wrong = table(broker, one)
        wrong["thermostats"][0]["topic"] = "zigbee2mqtt/attic"
        async with bench.open(wrong) as room:
            await room.apply(BRIGHT)
            await until(lambda: bench.value("thermostat", "problem"), "no problem shown")
            assert "attic" in str(bench.value("thermostat", "problem"))


async def test_devices_behind_one_gateway_are_two_devices(tmp_path: Path):
    async with (
        Mosquitto(tmp_path) as broker,
        devices.Wired(devices.BluTrv, broker.host, broker.port) as one,
    ):
        bench = Bench()
        both = table(broker, one)
        both["thermostats"].append({**both["thermostats"][0], "component": "blutrv:201"})
        async with bench.open(both) as room:
            await room.apply(BRIGHT)
            await until(lambda: one.setpoint == 24.0, "the wish did not arrive")
        assert len([key for key in bench.devices if key.startswith("thermostat:")]) == 2


def conventions() -> list[tuple[str, Any]]:
    topics = {
        "homeassistant": "homeassistant/climate/hall/config",
        "zigbee2mqtt": "zigbee2mqtt/hall",
        "esphome": "node/climate/hall",
        "homie": "homie/5/device/node/setpoint",
    }
    return [(kind, topics.get(kind, "hall/thing")) for kind in KINDS] + [
        ("homie", "homie/device/node/setpoint"),
        ("homeassistant", "hall/wall"),
    ]


KEYS = (
    *("~", "components", "t", "temp_cmd_t", "temp_stat_t", "avty", "min_temp", "temp_step"),
    *("temp_unit", "nodes", "node", "properties", "setpoint", "format", "unit", "level"),
    *("message", "friendly_name", "definition", "exposes", "params", "thermostat:0", "result"),
    *("error", "target_C", "enable", "thermostats", "target_t", "value", "state"),
    *("occupied_heating_setpoint", "local_temperature", "system_mode"),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
payloads = st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode())


@pytest.mark.parametrize(("kind", "topic"), conventions())
@hypothesis_settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_message_breaks_a_convention(kind: str, topic: str, data: st.DataObject):
    one = settings({"thermostats": [{"kind": kind, "topic": topic}]}).thermostats[0]
    convention = KINDS[kind].make(one)
    for _ in range(3):
        where = data.draw(st.sampled_from(sorted(convention.topics())))
        try:
            report = convention.decode(where, data.draw(payloads))
        except Junk:
            continue
        assert isinstance(report, Report)
        assert report.mode is None or isinstance(report.mode, str)
        convention.encode(21.5)
