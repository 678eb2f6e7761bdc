"""The driver host: devices, measurements and latencies that drivers tell."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mirrord.driver import (
    Device,
    Unavailable,
    Value,
)
from mirrord.driver_host.record import BLAME_S, Record
from mirrord.model import Measured
from mirrord.runtime.lag import Stall
from mirrord.testing import BRIGHT, DIM
from tests.driver_host_kit import QUICK, hosting
from tests.fakes.driver_scripted import Script
from tests.waiting import until

pytestmark = pytest.mark.alone


async def test_devices_are_shown_from_any_thread_and_forgotten_when_off() -> None:
    script = Script()
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        assert script.host is not None
        late = script.host
        for name in "BA":
            device = Device(name, "lamp", f"Lamp {name}", {"on": True})
            thread = threading.Thread(target=late.report, args=(device,))
            thread.start()
            thread.join()
        await until(lambda: len(bench.status().devices) == 2)
        assert [device.name for device in bench.status().devices] == ["Lamp A", "Lamp B"]
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        late.report(Device("A", "lamp", "Lamp A"))
        await asyncio.sleep(0.05)
        assert bench.status().devices == ()


async def test_devices_stay_while_a_driver_is_unavailable() -> None:
    script = Script()
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        assert script.host is not None
        script.host.report(Device("A", "lamp", "Lamp A"))
        bench.host.wish(BRIGHT)
        script.apply_fails = Unavailable("away")
        await until(lambda: bench.status().state == "unavailable")
        assert [device.id for device in bench.status().devices] == ["A"]


async def test_a_report_of_something_else_is_refused_where_it_is_made() -> None:
    script = Script()
    async with hosting(script):
        await until(lambda: script.opened)
        assert script.host is not None
        with pytest.raises(TypeError, match=r"host.report takes a mirrord.driver.Device"):
            script.host.report({"id": "A"})  # that is the point


async def test_changes_are_told_once_a_turn() -> None:
    script = Script()
    async with hosting(script, timing=replace(QUICK, heartbeat_s=30.0)) as bench:
        await until(lambda: bench.status().state == "ready")
        assert script.host is not None
        await asyncio.sleep(0.05)
        before = len(bench.changes)
        for n in range(100):
            script.host.report(Device(f"{n}", "lamp", "Lamp"))
        await asyncio.sleep(0.05)
        assert len(bench.changes) == before + 1
        assert len(bench.changes[-1][0].devices) == 100


async def test_what_sensors_say_is_measured_newest_first() -> None:
    script, away = Script(), Script()
    async with hosting(script, away) as bench:
        await until(lambda: all(status.state == "ready" for status in bench.host.status))
        assert bench.host.measured() == Measured()
        assert script.host is not None
        assert away.host is not None

        def say(host: Any, name: str, **values: Value) -> None:
            host.report(Device(name, "sensor", name, values))

        say(away.host, "old", temperature_c=30.0, humidity_pct=70.0)
        say(script.host, "a", temperature_c=21.0, humidity_pct=40)
        say(script.host, "b", temperature_c=22.5, air_quality="good")
        say(script.host, "liar", temperature_c="warm", humidity_pct=float("nan"))
        say(script.host, "madman", temperature_c=999.0, humidity_pct=True, air_quality="foul")
        script.host.report(Device("t", "thermostat", "T", {"temperature_c": 5.0}))
        await asyncio.sleep(0.05)
        bench.host.enable("lamp2", False)
        await until(lambda: bench.status("lamp2").state == "off")
        assert bench.host.measured() == Measured(22.5, 40.0, "good")
        say(script.host, "a", temperature_c=21.5)
        await asyncio.sleep(0.05)
        assert bench.host.measured().temperature_c == 21.5


async def test_latency_is_from_the_frame_to_the_end_of_the_apply() -> None:
    script = Script(open_hangs=True)
    async with hosting(script, timing=replace(QUICK, heartbeat_s=0.02)) as bench:
        bench.host.wish(replace(DIM, captured_ns=time.monotonic_ns() - 10**12))
        script.open_hangs = False
        await until(lambda: script.applied)
        assert bench.status().latency_p50_ms is None  # it waited for the opening
        for n in range(1, 101):
            wish = replace(BRIGHT, particle_count=n, captured_ns=time.monotonic_ns() - n * 10**9)
            bench.host.wish(wish)
            await until(lambda wish=wish: script.applied[-1] == wish)
        status = bench.status()
    assert status.latency_p50_ms is not None
    assert status.latency_p99_ms is not None
    assert 50_000 <= status.latency_p50_ms < 51_000
    assert 99_000 <= status.latency_p99_ms < 100_000


def test_a_fault_is_held_against_a_driver_for_ten_minutes(monkeypatch: pytest.MonkeyPatch):
    record = Record("lamp", "Lamp", lambda: None)
    record.blame(Stall(1.5, "driver lamp", "lamp:1", ("lamp",)))
    assert "held up the whole mirror" in record.status(True).error
    later = time.monotonic() + BLAME_S
    clock = SimpleNamespace(monotonic=lambda: later)
    monkeypatch.setattr("mirrord.driver_host.record.time", clock)
    assert record.status(True).error == ""
