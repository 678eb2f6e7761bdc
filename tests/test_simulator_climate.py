"""The simulated broker and climate: honest physics, honest wires."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrord.simulator.broker import SimulatedBroker
from mirrord.simulator.climate import SimulatedClimate
from mirrord.simulator.climate_air import Air, saturation_g_m3
from mirrord.simulator.climate_link import DeviceLink
from tests.waiting import until

HOUR_S = 3600.0


def held(setpoint_c: float, hours: float, **more: float) -> Air:
    """Return a room whose heater has kept a setpoint for some hours."""
    air = Air(**more)
    for _ in range(int(hours * 60)):
        air.heating = air.demand(setpoint_c)
        air.advance(60.0)
    return air


def test_the_room_creeps_to_its_setpoint_and_stays():
    after_one, after_a_day = held(22.0, 1), held(22.0, 24)
    assert 19.8 < after_one.temperature_c < 22.0
    assert after_a_day.temperature_c == pytest.approx(22.0, abs=0.2)


def test_without_heat_the_room_falls_towards_the_outdoors():
    air = Air(outdoor_c=4.0)
    air.advance(10 * 24 * HOUR_S)
    assert air.temperature_c == pytest.approx(4.0, abs=0.2)


def test_a_person_s_breath_ends_where_the_mass_balance_says():
    """420 + 18.72 l/h over 0.5 air changes an hour of 50 m3: 1169 ppm."""
    air = Air(people=1)
    air.advance(24 * HOUR_S)
    assert air.co2_ppm == pytest.approx(420 + 18.72e-3 / 25.0 * 1e6, rel=0.01)


def test_air_worsens_with_people_and_recovers_with_an_open_window():
    air = Air(people=3)
    air.advance(2 * HOUR_S)
    used = air.co2_ppm
    assert used > 1400
    air.people, air.window_open = 0, True
    air.advance(0.5 * HOUR_S)
    assert air.co2_ppm < 500


def test_a_humidifier_makes_it_moister_and_an_open_window_drier():
    air = Air(humidifying=True)
    before = air.humidity_pct
    air.advance(HOUR_S)
    moist = air.humidity_pct
    air.humidifying, air.window_open = False, True
    air.advance(HOUR_S)
    assert moist > before + 10
    assert air.water_g_m3 < 6


def test_saturation_is_that_of_the_tables():
    """Absolute humidity of saturated air: 4.85 g/m3 at 0 °C, 17.3 at 20 °C, 30.4 at 30 °C."""
    for temperature_c, expected in ((0, 4.85), (20, 17.3), (30, 30.4)):
        assert saturation_g_m3(temperature_c) == pytest.approx(expected, rel=0.01)


@given(
    st.floats(0.1, 100_000),
    st.integers(0, 8),
    st.floats(-15, 35),
    st.floats(0, 1),
    st.booleans(),
    st.booleans(),
)
def test_the_air_stays_possible(
    seconds: float, people: int, outdoor_c: float, heating: float, window: bool, moist: bool
):
    air = Air(
        people=people,
        outdoor_c=outdoor_c,
        heating=heating,
        window_open=window,
        humidifying=moist,
    )
    air.advance(seconds)
    assert -20 < air.temperature_c < 75
    assert 0 <= air.humidity_pct <= 100.0
    assert 400 < air.co2_ppm < 10_000


@given(st.floats(1, 5000))
def test_time_in_pieces_is_the_same_time(seconds: float):
    whole, pieces = Air(people=2, heating=0.4), Air(people=2, heating=0.4)
    whole.advance(seconds)
    for _ in range(7):
        pieces.advance(seconds / 7)
    assert pieces.temperature_c == pytest.approx(whole.temperature_c, abs=0.05)
    assert pieces.co2_ppm == pytest.approx(whole.co2_ppm, rel=0.02)


class Listener:
    """Somebody at the broker who hears everything."""

    def __init__(self, host: str, port: int) -> None:
        self.heard: dict[str, list[str]] = {}
        self.link = DeviceLink(host, port, ("#",), lambda: None, self._note)

    def last(self, topic: str) -> str:
        return self.heard.get(topic, [""])[-1]

    def _note(self, topic: str, payload: bytes) -> None:
        self.heard.setdefault(topic, []).append(payload.decode())


@pytest.fixture
async def broker() -> AsyncIterator[SimulatedBroker]:
    async with SimulatedBroker() as one:
        yield one


@pytest.fixture
async def listener(broker: SimulatedBroker) -> AsyncIterator[Listener]:
    one = Listener(broker.host, broker.port)
    async with one.link:
        await asyncio.wait_for(one.link.connected.wait(), 10)
        yield one


async def test_the_climate_announces_itself_and_obeys(broker: SimulatedBroker, listener: Listener):
    async with SimulatedClimate(broker.host, broker.port) as climate:
        await climate.connected()
        wall = climate.thermostat.topic
        await until(lambda: listener.last(f"{wall}/temperature/state") == "20", "its setpoint")
        await until(lambda: listener.last(climate.thermostat.discovery_topic), "its discovery")
        listener.link.publish(f"{wall}/temperature/set", "21.6", retain=False)
        await until(lambda: listener.last(f"{wall}/temperature/state") == "21.5", "half degrees")
        listener.link.publish(f"{wall}/temperature/set", "99", retain=False)
        await until(lambda: listener.last(f"{wall}/temperature/state") == "30", "its own end")
        climate.turn_by_hand(18.0)
        await until(lambda: listener.last(f"{wall}/temperature/state") == "18", "the knob")


async def test_the_radiator_echoes_and_corrects(broker: SimulatedBroker, listener: Listener):
    async with SimulatedClimate(broker.host, broker.port) as climate:
        await climate.connected()
        topic = climate.radiator.topic
        wish = json.dumps({"occupied_heating_setpoint": 99})
        listener.link.publish(f"{topic}/set", wish, retain=False)

        def setpoints() -> list[float]:
            said = [json.loads(one) for one in listener.heard.get(topic, [])]
            return [one["occupied_heating_setpoint"] for one in said]

        await until(lambda: 30.0 in setpoints(), "the correction")
        assert setpoints().index(99) < setpoints().index(30.0)


async def test_time_runs_faster_where_it_is_told_to(broker: SimulatedBroker, listener: Listener):
    async with SimulatedClimate(broker.host, broker.port, speed=36_000.0) as climate:
        await climate.connected()
        climate.people = 2
        climate.thermostat.setpoint = 23.0
        await until(
            lambda: json.loads(listener.last("simulated/air") or "{}").get("co2", 0) > 1100,
            "breath",
        )
        await until(lambda: float(listener.last("simulated/temperature") or 0) > 21.0, "warmth")


async def test_the_climate_returns_after_the_broker_did(
    broker: SimulatedBroker, caplog: pytest.LogCaptureFixture
):
    async with SimulatedClimate(broker.host, broker.port) as climate:
        await climate.connected()
        port = broker.port
        await broker.stop()
        await broker.start()
        assert broker.port == port
        again = Listener(broker.host, broker.port)
        async with again.link:
            wall = climate.thermostat.topic
            await until(lambda: again.last(f"{wall}/availability") == "online", "its return")
            await until(lambda: again.last(f"{wall}/temperature/state") == "20", "its state")
    assert not [line for line in caplog.records if line.levelname in ("ERROR", "CRITICAL")]


async def test_a_broker_can_be_left_in_the_middle_of_a_word(
    broker: SimulatedBroker, caplog: pytest.LogCaptureFixture
):
    for word in (b"", b"\x10", b"\x10\x80\x80", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 50):
        _, writer = await asyncio.open_connection(broker.host, broker.port)
        writer.write(word)
        writer.close()
        await writer.wait_closed()
    _, waiting = await asyncio.open_connection(broker.host, broker.port)
    waiting.write(b"\x10\x80")
    await asyncio.sleep(0.1)
    await broker.restart()
    waiting.close()
    assert not [line for line in caplog.records if line.levelname in ("ERROR", "CRITICAL")]
    assert broker.running
