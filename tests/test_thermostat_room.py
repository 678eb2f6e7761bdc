"""The thermostat driver in the simulated climate: hands, modes, crashes, humidity, air."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from mirrord.driver import DeviceWish
from mirrord.simulator.broker import SimulatedBroker
from mirrord.simulator.climate import SimulatedClimate
from mirrord.simulator.climate_link import DeviceLink
from mirrord.testing import BRIGHT, DIM, environment
from tests.fakes.thermostat_bench import Bench
from tests.waiting import until

GONE = replace(BRIGHT, present=False)


@pytest.fixture
async def broker() -> AsyncIterator[SimulatedBroker]:
    async with SimulatedBroker() as one:
        yield one


@pytest.fixture
async def climate(broker: SimulatedBroker) -> AsyncIterator[SimulatedClimate]:
    async with SimulatedClimate(broker.host, broker.port) as one:
        await one.connected()
        yield one


@pytest.fixture
async def room(broker: SimulatedBroker) -> AsyncIterator[DeviceLink]:
    """Somebody else at the broker, who publishes what he likes."""
    async with DeviceLink(broker.host, broker.port, (), lambda: None, lambda *_: None) as one:
        await one.connected.wait()
        yield one


def only(climate: SimulatedClimate, kind: str, **more: Any) -> dict[str, Any]:
    """Return the table with one device: the first of its kind."""
    table = climate.settings()
    return {"host": climate.host, "port": climate.port, kind: [table[kind][0] | more]}


async def test_the_demo_s_table_works_as_a_whole(climate: SimulatedClimate):
    bench = Bench()
    async with bench.open(climate.settings()) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: climate.thermostat.setpoint == 24.0, "the wall thermostat")
        await until(lambda: climate.radiator.setpoint == 24.0, "the radiator")
        await until(lambda: climate.humidifier.target == 55.0, "the humidifier")
        await until(lambda: len(bench.devices) == 6, "a device was not reported")
        await until(lambda: bench.value("humidifier", "confirmed") is True, "unconfirmed")
        assert bench.value("humidifier", "on") is True
    await until(lambda: climate.thermostat.setpoint == 20.0, "the wall thermostat")
    await until(lambda: climate.radiator.setpoint == 20.0, "the radiator")
    await until(lambda: climate.humidifier.target == 40.0, "the humidifier")


@pytest.mark.parametrize(
    ("settings", "wish", "setpoint"),
    [
        ({}, 24.0, 24.0),
        ({"comfort_c": 21.0}, 24.0, 22.5),
        ({"comfort_c": 25.0}, 22.0, 23.5),
        ({"comfort_c": 22.0, "max_c": 23.0}, 28.0, 23.0),
        ({"min_c": 21.0}, 18.0, 21.0),
        ({}, 22.3, 22.5),
    ],
)
async def test_the_wish_stays_within_comfort_and_limits(
    climate: SimulatedClimate, settings: dict[str, Any], wish: float, setpoint: float
):
    async with Bench().open(only(climate, "thermostats", **settings)) as driver:
        await driver.apply(environment(temperature_c=wish))
        await until(lambda: climate.thermostat.setpoint == setpoint, f"not {setpoint}")
        assert climate.thermostat.commands == [f"{setpoint:g}"]


async def test_limits_that_do_not_meet_are_shown_and_nothing_is_sent(climate: SimulatedClimate):
    climate.thermostat.high = 15.0
    climate.thermostat.announce()
    bench = Bench()
    async with bench.open(only(climate, "thermostats")) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bench.value("thermostat", "problem"), "no problem shown")
    assert climate.thermostat.commands == []


async def test_a_knob_turned_by_hand_is_left_until_presence_ends(climate: SimulatedClimate):
    bench = Bench()
    async with bench.open(only(climate, "thermostats")) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bench.value("thermostat", "confirmed") is True, "unconfirmed")
        climate.turn_by_hand(18.0)
        await until(lambda: bench.value("thermostat", "held") is True, "not held")
        await driver.apply(DIM)
        await driver.apply(GONE)
        await until(lambda: bench.value("thermostat", "held") is False, "still held")
        assert climate.thermostat.setpoint == 18.0
        await driver.apply(BRIGHT)
        await until(lambda: climate.thermostat.setpoint == 24.0, "the next presence")
    await until(lambda: climate.thermostat.setpoint == 18.0, "the hand's setpoint is the old one")


async def test_a_held_knob_survives_a_crash_of_the_mirror(climate: SimulatedClimate):
    bench = Bench()
    async with bench.open(only(climate, "thermostats")) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bench.value("thermostat", "confirmed") is True, "unconfirmed")
        climate.turn_by_hand(18.0)
        await until(lambda: bench.value("thermostat", "held") is True, "not held")
        await asyncio.sleep(0)
        crashed = dict(bench.kept)
    after = Bench(crashed)
    async with after.open(only(climate, "thermostats")) as driver:
        await driver.apply(DIM)
        await until(lambda: after.value("thermostat", "setpoint_c") == 18.0, "nothing reported")
        await asyncio.sleep(0.3)
        await driver.apply(DIM)
        assert after.value("thermostat", "held") is True
    assert climate.thermostat.commands == ["24"]


async def test_after_a_crash_leaving_at_once_still_gives_back(climate: SimulatedClimate):
    bench = Bench()
    table = only(climate, "thermostats")
    async with bench.open(table) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bench.value("thermostat", "confirmed") is True, "unconfirmed")
        await asyncio.sleep(0)
        crashed = dict(bench.kept)
    climate.thermostat.setpoint = 24.0  # as a crash leaves it
    climate.thermostat.report()
    async with Bench(crashed).open(table):
        pass
    await until(lambda: climate.thermostat.setpoint == 20.0, "the old setpoint did not come back")


async def test_a_thermostat_that_is_off_stays_off(climate: SimulatedClimate):
    climate.thermostat.switch_by_hand("off")
    bench = Bench()
    async with bench.open(only(climate, "thermostats")) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bench.value("thermostat", "mode") == "off", "the mode is unknown")
        await asyncio.sleep(0.3)
        await driver.apply(BRIGHT)
        assert climate.thermostat.commands == []
        climate.thermostat.switch_by_hand("heat")
        await until(lambda: climate.thermostat.setpoint == 24.0, "switched on, it gets the wish")
        climate.thermostat.switch_by_hand("off")
        await until(lambda: bench.value("thermostat", "mode") == "off", "the mode is unknown")
    assert climate.thermostat.commands == ["24"]
    kept = Bench(bench.kept)
    climate.thermostat.switch_by_hand("heat")
    async with kept.open(only(climate, "thermostats")) as driver:
        await driver.apply(GONE)
        await until(lambda: climate.thermostat.setpoint == 20.0, "on again, it is given back")


async def test_a_deaf_thermostat_is_not_pestered(climate: SimulatedClimate):
    climate.thermostat.deaf = True
    bench = Bench()
    async with bench.open(only(climate, "thermostats")) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: climate.thermostat.commands == ["24"], "nothing sent")
        for _ in range(5):
            await driver.apply(BRIGHT)
        await asyncio.sleep(0.3)
        assert climate.thermostat.commands == ["24"]
        assert bench.value("thermostat", "confirmed") is None


async def test_a_thermostat_that_leaves_and_comes_back_gets_the_wish(
    broker: SimulatedBroker, room: DeviceLink
):
    bench = Bench()
    async with SimulatedClimate(broker.host, broker.port) as climate:
        await climate.connected()
        climate.thermostat.deaf = True
        table = only(climate, "thermostats")
        async with bench.open(table) as driver:
            await driver.apply(BRIGHT)
            await until(lambda: climate.thermostat.commands == ["24"], "nothing sent")
            room.publish("simulated/thermostat/availability", "offline")
            await until(lambda: bench.value("thermostat", "online") is False, "its leaving")
            climate.thermostat.deaf = False
            await driver.apply(BRIGHT)
            assert climate.thermostat.commands == ["24"]
            room.publish("simulated/thermostat/availability", "online")
            await until(lambda: climate.thermostat.setpoint == 24.0, "back, it gets the wish")


async def test_a_radiator_that_refuses_is_not_pestered(climate: SimulatedClimate):
    climate.radiator.refuses = True
    bench = Bench()
    table = climate.settings()
    table = {"host": climate.host, "port": climate.port, "thermostats": table["thermostats"][1:]}
    async with bench.open(table) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: bench.value("thermostat", "confirmed") is True, "its echo")
        await until(lambda: bench.value("thermostat", "confirmed") is None, "its own word")
        for _ in range(5):
            await driver.apply(BRIGHT)
        assert len(climate.radiator.commands) == 1
        assert bench.value("thermostat", "setpoint_c") == 20.0


async def test_the_humidifier_moves_in_fives_and_not_often(climate: SimulatedClimate):
    async with Bench().open(only(climate, "humidifiers")) as driver:
        await driver.apply(environment(humidity_pct=52.6))
        await until(lambda: climate.humidifier.commands == ["55"], "not rounded to fives")
        await asyncio.sleep(0.3)
        await driver.apply(environment(humidity_pct=47.0))
        await asyncio.sleep(0.2)
        assert climate.humidifier.commands == ["55"]
    await until(lambda: climate.humidifier.target == 40.0, "the old target did not come back")


async def test_a_humidifier_that_is_off_stays_as_it_is(climate: SimulatedClimate):
    climate.humidifier.on = False
    bench = Bench()
    async with bench.open(only(climate, "humidifiers")) as driver:
        await until(lambda: bench.value("humidifier", "on") is False, "its state is unknown")
        await driver.apply(BRIGHT)
        await asyncio.sleep(0.3)
        await driver.apply(BRIGHT)
    assert climate.humidifier.commands == []


async def test_the_air_in_words_follows_the_people(climate: SimulatedClimate):
    bench = Bench()
    table = climate.settings()
    table = {"host": climate.host, "port": climate.port, "sensors": table["sensors"]}
    async with bench.open(table) as driver:
        await driver.apply(BRIGHT)
        air = "sensor:simulated/air:air_quality:co2"

        def word() -> object:
            return bench.devices[air].values["air_quality"]

        await until(lambda: word() == "excellent", "fresh air")
        climate.people = 3
        climate.advance(2 * 3600)
        await until(lambda: word() == "needs_improvement", "used air")
        climate.people, climate.air.window_open = 0, True
        climate.advance(3600)
        await until(lambda: word() == "excellent", "aired")
        assert isinstance(
            bench.devices["sensor:simulated/humidity:humidity"].values["humidity_pct"], float
        )


async def test_a_sensor_that_falls_silent_is_absent(room: DeviceLink, broker: SimulatedBroker):
    bench = Bench()
    sensor = {"topic": "attic/t", "measures": "temperature", "stale_s": 1}
    async with bench.open(
        {"host": broker.host, "port": broker.port, "sensors": [sensor]}
    ) as driver:
        room.publish("attic/t", "21.5")
        await until(lambda: bench.value("sensor", "temperature_c") == 21.5, "not heard")
        await asyncio.sleep(1.1)
        await driver.apply(BRIGHT)
        assert bench.value("sensor", "temperature_c") is None


async def test_one_that_is_met_just_before_steering_is_steered_a_moment_later(
    room: DeviceLink, broker: SimulatedBroker
):
    asked: list[str] = []

    def hear(_topic: str, payload: bytes) -> None:
        asked.append(payload.decode())

    wall = {"kind": "generic", "topic": "hall/state", "command_topic": "hall/set"}
    air = {"topic": "hall/air", "measures": "temperature"}
    table = {"host": broker.host, "port": broker.port, "thermostats": [wall], "sensors": [air]}
    device = DeviceLink(broker.host, broker.port, ["hall/set"], lambda: None, hear)
    async with device, Bench().open(table) as driver:
        await device.connected.wait()
        await driver.apply(BRIGHT)
        room.publish("hall/air", "20.0")
        await asyncio.sleep(0.15)
        room.publish("hall/state", "20.0")
        await until(lambda: asked[:1] == ["24"], "the wish", within_s=10.0)


async def test_junk_on_every_topic_changes_nothing_and_is_said_once(
    climate: SimulatedClimate, room: DeviceLink, caplog: pytest.LogCaptureFixture
):
    bench = Bench()
    async with bench.open(climate.settings()) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: climate.thermostat.setpoint == 24.0, "the wish did not arrive")
        await until(lambda: climate.radiator.setpoint == 24.0, "the wish did not arrive")
        for junk in JUNK:
            for topic in ("temperature/state", "current_temperature/state", "availability"):
                room.publish(f"simulated/thermostat/{topic}", junk, retain=False)
            room.publish(climate.thermostat.discovery_topic, junk or "0", retain=False)
            room.publish("simulated/air", json.dumps({"co2": junk}), retain=False)
            room.publish(climate.radiator.topic, junk, retain=False)
            room.publish(climate.radiator.discovery_topic, junk, retain=False)
        await asyncio.sleep(0.5)
        await driver.apply(BRIGHT)
        assert climate.thermostat.setpoint == climate.radiator.setpoint == 24.0
        assert not any(one.values.get("held") for one in bench.devices.values())
        ours = [one for one in caplog.records if one.name.startswith("mirrord_thermostat")]
        ignored = [one for one in ours if "ignored" in one.getMessage()]
        assert len(ignored) == 3  # once for each device
        assert len({one.getMessage() for one in ours}) == len(ours) <= 6
        assert "Traceback" not in caplog.text


JUNK = (
    *("", "nan", "1e999", "-273.2", "72", "[1", "null", '{"a": NaN}', "x" * 200_000, "true", "🜂"),
    *('{"occupied_heating_setpoint": {}}', '{"local_temperature": "warm"}', "[]", "{}", "[[]]"),
    *('[{"friendly_name": "simulated_radiator"}]', '{"p": "climate"}', "[" * 5000),
)


async def test_a_setpoint_asked_of_one_thermostat_goes_before_the_mood(climate: SimulatedClimate):
    bench = Bench()
    async with bench.open(only(climate, "thermostats")) as driver:
        await driver.apply(BRIGHT)
        await until(lambda: climate.thermostat.setpoint == 24.0, "the wall thermostat")
        name = next(iter(bench.devices))
        await driver.apply(replace(BRIGHT, devices={name: DeviceWish(setpoint_c=19.5)}))
        await until(lambda: climate.thermostat.setpoint == 19.5, "the hand's setpoint")
        await driver.apply(BRIGHT)
        await until(lambda: climate.thermostat.setpoint == 24.0, "back to the mood")
    await until(lambda: climate.thermostat.setpoint == 20.0, "given back")
