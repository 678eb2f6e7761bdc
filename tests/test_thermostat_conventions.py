"""Every convention, spoken to a device of its kind behind a real broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mirrord.driver import Value
from mirrord.mqtt.payload import Junk
from mirrord.testing import BRIGHT, DIM
from mirrord_thermostat.convention import Report
from mirrord_thermostat.conventions import KINDS
from tests.fakes import thermostats as devices
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.thermostat_bench import Bench, settings
from tests.waiting import until

GONE = replace(BRIGHT, present=False)
TELL_THEIR_RANGE = ("homeassistant", "zigbee2mqtt", "homie", "esphome")


def entry(device: devices.Thermostat) -> dict[str, Any]:
    return {"kind": device.kind, **device.settings()}


def table(broker: Mosquitto, *every: devices.Thermostat) -> dict[str, Any]:
    thermostats = [entry(device) for device in every]
    return {"host": broker.host, "port": broker.port, "thermostats": thermostats}


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[tuple[Mosquitto, list[devices.Thermostat]]]:
    """A broker, and one thermostat of every convention."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Mosquitto(folder))
        wired = [devices.Wired(make, broker.host, broker.port) for make in devices.EVERY]
        yield broker, [await stack.enter_async_context(one) for one in wired]


def value(bench: Bench, device: devices.Thermostat, key: str) -> Value:
    one = settings({"thermostats": [entry(device)]}).thermostats[0]
    shown = bench.devices.get(f"thermostat:{one.identity}")
    return shown.values[key] if shown else None


async def each(every: list[devices.Thermostat], right: Callable[[Any], object], what: str) -> None:
    for one in every:
        await until(lambda one=one: right(one), f"{type(one).__name__}: {what}")


async def test_every_kind_is_set_confirmed_and_given_back(tmp_path: Path):
    async with house(tmp_path) as (broker, every):
        bench = Bench()
        async with bench.open(table(broker, *every)) as room:
            await room.apply(BRIGHT)
            await each(every, lambda one: one.setpoint == 24.0, "the wish did not arrive")
            await each(every, lambda one: value(bench, one, "confirmed"), "unconfirmed")
            await each(every, lambda one: value(bench, one, "measured_c") == 19.5, "not measured")
            for one in every:
                assert value(bench, one, "setpoint_c") == 24.0
                has_mode = not isinstance(one, devices.BluTrv)
                assert value(bench, one, "mode") in (("heat", "auto") if has_mode else (None,))
            for _ in range(3):
                await room.apply(BRIGHT)
            assert [len(one.commands) for one in every] == [1] * len(every)
        await each(every, lambda one: one.setpoint == 20.0, "the old setpoint did not come back")


async def test_every_kind_is_left_alone_when_a_hand_has_set_it(tmp_path: Path):
    async with house(tmp_path) as (broker, every):
        bench = Bench()
        async with bench.open(table(broker, *every)) as room:
            await room.apply(BRIGHT)
            await each(every, lambda one: value(bench, one, "confirmed"), "unconfirmed")
            await each(every, lambda one: one.setpoint == 24.0, "an echo alone")
            for one in every:
                one.turn_by_hand(17.0)
            await each(every, lambda one: value(bench, one, "held"), "not held")
            sent = [len(one.commands) for one in every]
            await room.apply(replace(DIM, temperature_c=22.0))
            await room.apply(GONE)
            await each(every, lambda one: value(bench, one, "held") is False, "still held")
        await asyncio.sleep(0.1)  # a command on its way would arrive now
        assert [one.setpoint for one in every] == [17.0] * len(every)
        assert [len(one.commands) for one in every] == sent
        assert not any(key.startswith("thermostat:") for key in bench.kept)


async def test_no_more_is_asked_than_a_device_announces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(devices.Thermostat, "high", 22.5)  # of the devices, not of ours
    async with house(tmp_path) as (broker, every):
        telling = [one for one in every if one.kind in TELL_THEIR_RANGE]
        async with Bench().open(table(broker, *telling)) as room:
            await room.apply(BRIGHT)
            await each(telling, lambda one: one.setpoint == 22.5, "not at the device's end")
            assert all("24" not in command for one in telling for command in one.commands)


async def test_answers_of_shelly_that_refuse_are_shown(tmp_path: Path):
    class Wrong(devices.BluTrv):
        def settings(self) -> dict[str, Any]:
            return {"topic": self.base, "component": "blutrv:201"}

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
@hypothesis_settings(max_examples=40, deadline=None)
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
        assert not convention.ready or convention.encode(21.5).topic
