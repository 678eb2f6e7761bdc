from __future__ import annotations

import asyncio
import json
import logging
import random
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver import (
    ConfigError,
    Device,
    Environment,
    Refused,
    Unavailable,
    Value,
    write_secret,
)
from mirrord.driver_host import DriverHost, Timing, configured
from mirrord.model import DriverStatus, Measured
from mirrord.testing import BETWEEN, BRIGHT, DIM
from tests.fakes.driver_scripted import Script, scripted

pytestmark = pytest.mark.alone

QUICK = Timing(
    open_s=0.5,
    apply_s=0.5,
    close_s=0.5,
    heartbeat_s=0.1,
    backoff_first_s=0.02,
    backoff_cap_s=0.05,
    steady_s=0.2,
    stall_s=0.3,
)


@dataclass
class Bench:
    """A running host, and what it told."""

    host: DriverHost
    running: asyncio.Task[None]
    changes: list[list[DriverStatus]] = field(default_factory=list)
    saved: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def status(self, name: str = "lamp") -> DriverStatus:
        return next(status for status in self.host.status if status.name == name)

    async def stop(self) -> float:
        started = time.monotonic()
        self.running.cancel()
        await asyncio.wait({self.running})
        return time.monotonic() - started


@asynccontextmanager
async def hosting(
    *scripts: Script,
    timing: Timing = QUICK,
    memory: dict[str, dict[str, Any]] | None = None,
    tables: dict[str, dict[str, Any]] | None = None,
    state_dir: Path = Path("state"),
) -> AsyncIterator[Bench]:
    names = ["lamp", *(f"lamp{n}" for n in range(2, len(scripts) + 1))]
    plugins = {name: scripted(one, name) for name, one in zip(names, scripts, strict=True)}
    bench: Bench
    host = DriverHost(
        tables or {name: {} for name in names},
        state_dir,
        memory or {},
        lambda: bench.changes.append(bench.host.status),
        lambda name, values: bench.saved.append((name, values)),
        where="mirror.toml",
        plugins=plugins,
        timing=timing,
    )
    bench = Bench(host, asyncio.create_task(host.run()))
    try:
        yield bench
    finally:
        await bench.stop()


async def until(true: Callable[[], object], within_s: float = 10.0) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.005)


# --- wishes


async def test_the_newest_wish_is_applied_and_shown() -> None:
    script = Script()
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        assert bench.status().applied_at is None
        bench.host.wish(BRIGHT)
        await until(lambda: script.applied)
        status = bench.status()
    assert script.applied[0] == BRIGHT
    assert (status.name, status.title, status.enabled) == ("lamp", "The lamp", True)
    assert (status.state, status.error) == ("ready", "")
    assert status.applied_at is not None
    assert abs(datetime.now(UTC) - status.applied_at) < timedelta(minutes=1)


async def test_the_same_wish_comes_again_as_a_heartbeat() -> None:
    script = Script()
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: len(script.applied) >= 4)
    assert set(map(id, script.applied)) == {id(BRIGHT)}


async def test_a_wish_for_nothing_new_is_no_wish() -> None:
    script = Script()
    async with hosting(script, timing=replace(QUICK, heartbeat_s=30.0)) as bench:
        for frame in range(50):
            bench.host.wish(replace(BRIGHT, captured_ns=frame))
            await asyncio.sleep(0.002)
        bench.host.wish(DIM)
        await until(lambda: len(script.applied) > 1)
    assert script.applied == [replace(BRIGHT, captured_ns=0), DIM]


async def test_a_slow_driver_gets_the_newest_wish_and_no_backlog() -> None:
    script = Script(apply_takes_s=0.2)
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: bench.status().state == "opening" and script.opened)
        await asyncio.sleep(0.05)
        for step in range(100):
            bench.host.wish(replace(BETWEEN, particle_count=step))
        bench.host.wish(DIM)
        await until(lambda: len(script.applied) >= 2)
    assert script.applied[:2] == [BRIGHT, DIM]


async def test_a_wish_from_before_the_start_is_applied() -> None:
    script = Script()
    async with hosting(script) as bench:
        bench.host.wish(DIM)
        await until(lambda: script.applied)
    assert script.applied[0] == DIM


# --- failures


async def test_an_unavailable_driver_is_opened_again_with_the_newest_wish() -> None:
    script = Script(open_fails=Unavailable("the bridge does not answer"))
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: script.tried > 3)
        await until(lambda: bench.status().state == "unavailable")
        assert bench.status().error == "the bridge does not answer"
        bench.host.wish(DIM)
        script.open_fails = None
        await until(lambda: bench.status().state == "ready")
        assert bench.status().error == ""
    assert set(map(id, script.applied)) == {id(DIM)}


async def test_a_failing_apply_closes_and_reopens() -> None:
    script = Script(apply_fails=Unavailable("gone"))
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: script.opened > 2)
        script.apply_fails = None
        await until(lambda: script.applied)
        assert script.closed == script.opened - 1


async def test_the_first_failure_is_a_warning_and_repeats_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "mirrord")
    script = Script(open_fails=Unavailable("the bridge does not answer"))
    async with hosting(script):
        await until(lambda: script.tried > 4)
    levels = [r.levelname for r in caplog.records if "does not answer" in r.getMessage()]
    assert levels[0] == "WARNING"
    assert set(levels[1:]) == {"DEBUG"}


async def test_a_refused_driver_is_parked_until_it_is_switched_on_again() -> None:
    script = Script(open_fails=Refused("the key is wrong: run mirrord pair"))
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "refused")
        await asyncio.sleep(0.3)
        assert script.tried == 1
        assert bench.status().error == "the key is wrong: run mirrord pair"
        script.open_fails = None
        bench.host.enable("lamp", True)
        await until(lambda: bench.status().state == "ready")


async def test_a_pause_of_the_room_tries_a_refused_driver_again() -> None:
    script = Script(open_fails=Refused("no"))
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "refused")
        script.open_fails = None
        bench.host.pause(True)
        await until(lambda: bench.status().state == "paused")
        bench.host.pause(False)
        await until(lambda: bench.status().state == "ready")


FAULTS = [
    (KeyError("bulb"), "a fault in the driver (KeyError: 'bulb')"),
    (RuntimeError(), "a fault in the driver (RuntimeError)"),
    (SystemExit(3), "a fault in the driver (RuntimeError: something called sys.exit(3))"),
    (asyncio.CancelledError(), "the driver cancelled itself"),
    (ExceptionGroup("two", [KeyError("x"), Unavailable("away")]), "away"),
    (ExceptionGroup("two", [ExceptionGroup("in", [OSError("x")])]), "a fault in the driver (OSE"),
    (TimeoutError(), "a fault in the driver (TimeoutError)"),
    (Unavailable(""), "Unavailable"),
    (Unavailable("two\nlines"), "two lines"),
]


@pytest.mark.parametrize("where", ["open_fails", "apply_fails"])
@pytest.mark.parametrize(("error", "said"), FAULTS, ids=lambda value: repr(value)[:30])
async def test_no_fault_of_a_driver_ends_the_host_or_its_sibling(
    error: BaseException, said: str, where: str
) -> None:
    script, sibling = Script(**{where: error}), Script()
    async with hosting(script, sibling) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: bench.status().state == "unavailable")
        assert bench.status().error.startswith(said)
        await until(lambda: sibling.applied)
        tried = script.tried
        await until(lambda: script.tried > tried)
        setattr(script, where, None)
        await until(lambda: bench.status().state == "ready")
        assert not bench.running.done()
    assert script.opened == script.closed
    assert sibling.opened == 1


@pytest.mark.parametrize(
    ("error", "state"), [(Unavailable("lost"), "unavailable"), (Refused("no more"), "refused")]
)
async def test_a_failure_in_the_background_is_noticed_without_a_wish(
    error: Exception, state: str
) -> None:
    script = Script(background_error=error)
    async with hosting(script, timing=replace(QUICK, heartbeat_s=60.0)) as bench:
        await until(lambda: bench.status().state == "ready")
        script.background_fails.set()
        await until(lambda: bench.status().state == state)
        assert bench.status().error == str(error)


async def test_an_author_finds_the_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(apply_fails=KeyError("bulb"))
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: bench.status().state == "unavailable")
    assert "driver_scripted.py" in caplog.text
    assert "driver lamp: a fault in the driver (KeyError: 'bulb')" in caplog.text


async def test_a_secret_in_a_foreign_error_is_neither_shown_nor_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_secret(tmp_path / "key", "qX7-very-secret")
    caplog.set_level(logging.DEBUG, "mirrord")
    script = Script(open_fails=OSError("GET http://bridge/api/qX7-very-secret/lights failed"))
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "unavailable")
        assert bench.status().error.endswith("GET http://bridge/api/•••/lights failed)")
    assert "qX7-very-secret" not in caplog.text


# --- deadlines


async def test_a_hanging_opening_is_given_up() -> None:
    script = Script(open_hangs=True)
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "unavailable")
        assert bench.status().error == "could not be opened within 0.5 s"
        script.open_hangs = False
        await until(lambda: bench.status().state == "ready")


async def test_a_hanging_apply_is_given_up() -> None:
    script = Script(apply_takes_s=60.0)
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: bench.status().state == "unavailable")
        assert bench.status().error == "no answer within 0.5 s"
        script.apply_takes_s = 0.0
        await until(lambda: script.applied)
    assert script.opened == script.closed


async def test_one_that_hangs_and_hears_nothing_delays_nobody() -> None:
    deaf, sibling = Script(apply_takes_s=30.0, deaf=True), Script()
    async with hosting(deaf, sibling, timing=replace(QUICK, heartbeat_s=30.0)) as bench:
        for n in range(100):
            bench.host.wish(replace(BRIGHT, particle_count=n))
            await until(lambda n=n: len(sibling.applied) == n + 1, 2.0)
        deaf.deaf = False


async def test_what_would_not_end_is_named_and_left_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script(close_takes_s=2.0, deaf=True)
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        took_s = await bench.stop()
        assert took_s < 2.0
        assert bench.host.left_behind == ["lamp"]
        assert "driver lamp, while closing: did not close within 0.5 s" in caplog.text
        script.deaf = False
        await until(lambda: bench.host.left_behind == [])


async def test_few_are_left_behind_at_a_time() -> None:
    script = Script(open_hangs=True, deaf=True)
    timing = replace(QUICK, open_s=0.05, close_s=0.05)
    async with hosting(script, timing=timing) as bench:
        await until(lambda: script.tried == 3)
        await asyncio.sleep(1.0)
        assert script.tried == 3
        script.deaf = script.open_hangs = False
        for task in list(bench.host._drivers["lamp"].left_behind):
            task.cancel()
        await until(lambda: bench.status().state == "ready")


async def test_all_are_closed_at_once_and_given_back() -> None:
    scripts = [Script(close_takes_s=0.3) for _ in range(10)]
    async with hosting(*scripts) as bench:
        await until(lambda: all(status.state == "ready" for status in bench.host.status))
        assert await bench.stop() < 2.0
        assert [script.closed for script in scripts] == [1] * 10
        assert bench.host.left_behind == []


async def test_a_failing_close_is_told_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    script = Script(close_fails=Unavailable("the lamp is gone"))
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert bench.status().error == "may not be as it was found: the lamp is gone"
    assert "while closing: may not be as it was found: the lamp is gone" in caplog.text


async def test_what_could_not_be_given_back_is_shown_until_it_was() -> None:
    script = Script()
    async with hosting(script) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: script.applied)
        script.close_fails = script.apply_fails = Unavailable("unplugged")
        await until(lambda: bench.status().state == "unavailable")
        script.open_fails = Unavailable("unplugged")
        tried = script.tried
        await until(lambda: script.tried > tried + 2)
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert bench.status().error == "may not be as it was found: unplugged"
        script.open_fails = script.close_fails = script.apply_fails = None
        bench.host.enable("lamp", True)
        await until(lambda: bench.status().state == "ready")
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert bench.status().error == ""


async def test_a_driver_that_blocks_the_loop_is_named(caplog: pytest.LogCaptureFixture) -> None:
    script, sibling = Script(), Script()
    async with hosting(script, sibling, timing=replace(QUICK, apply_s=10.0)) as bench:
        script.apply_blocks_s = 1.0
        bench.host.wish(BRIGHT)
        await until(lambda: script.applied)
        script.apply_blocks_s = 0.0
        await until(lambda: "held up the whole mirror" in bench.status().error)
        assert bench.status("lamp2").error == ""
    assert "driver lamp holds up the whole mirror" in caplog.text
    assert "tests.fakes.driver_scripted" in caplog.text


# --- switches


async def test_switching_off_leaves_the_context_even_during_an_apply() -> None:
    script = Script(apply_takes_s=60.0)
    async with hosting(script, timing=replace(QUICK, apply_s=60.0)) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: script.open_now == 1)
        await asyncio.sleep(0.05)
        bench.host.enable("lamp", False)
        await until(lambda: bench.status().state == "off")
        assert (script.closed, script.open_now, bench.status().enabled) == (1, 0, False)


async def test_a_pause_gives_every_device_back_and_ends_with_the_newest_wish() -> None:
    scripts = [Script(), Script()]
    async with hosting(*scripts) as bench:
        bench.host.wish(BRIGHT)
        await until(lambda: all(script.applied for script in scripts))
        bench.host.enable("lamp2", False)
        bench.host.pause(True)
        await until(lambda: bench.status().state == "paused")
        await until(lambda: bench.status("lamp2").state == "off")
        assert [script.open_now for script in scripts] == [0, 0]
        bench.host.wish(DIM)
        bench.host.pause(False)
        await until(lambda: scripts[0].applied[-1] == DIM)
        assert bench.status("lamp2").state == "off"
        assert scripts[1].applied[-1] == BRIGHT


async def test_switching_on_what_is_on_changes_nothing() -> None:
    script = Script()
    async with hosting(script) as bench:
        await until(lambda: bench.status().state == "ready")
        bench.host.enable("lamp", True)
        bench.host.pause(False)
        await asyncio.sleep(0.2)
        assert (script.opened, script.closed) == (1, 0)


async def test_switching_on_an_unavailable_driver_tries_it_at_once() -> None:
    script = Script(open_fails=Unavailable("away"))
    timing = replace(QUICK, backoff_first_s=600.0, backoff_cap_s=600.0)
    async with hosting(script, timing=timing) as bench:
        await until(lambda: bench.status().state == "unavailable")
        script.open_fails = None
        bench.host.enable("lamp", True)
        await until(lambda: bench.status().state == "ready")


async def test_a_driver_can_be_off_from_the_start() -> None:
    script = Script()
    async with hosting(script, tables={"lamp": {"enabled": False}}) as bench:
        bench.host.wish(BRIGHT)
        await asyncio.sleep(0.1)
        assert (script.tried, bench.status().state) == (0, "off")
        bench.host.enable("lamp", True)
        await until(lambda: script.applied)


async def test_a_driver_that_is_not_there_cannot_be_switched() -> None:
    async with hosting(Script()) as bench:
        with pytest.raises(ConfigError, match="no driver is called lampe; did you mean lamp"):
            bench.host.enable("lampe", True)


# --- what drivers tell


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
            script.host.report({"id": "A"})  # type: ignore[arg-type]  # that is the point


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


# --- memory


async def test_memory_is_given_saved_and_kept_apart() -> None:
    scripts = [Script(), Script()]
    async with hosting(*scripts, memory={"lamp": {"found": {"on": True}}}) as bench:
        await until(lambda: all(script.opened for script in scripts))
        first, second = (script.host.memory for script in scripts if script.host is not None)
        assert dict(first) == {"found": {"on": True}}
        assert dict(second) == {}
        for n in range(10):
            second[f"{n}"] = [n]
        del second["9"]
        await asyncio.sleep(0.05)
        assert bench.saved == [("lamp2", {f"{n}": [n] for n in range(9)})]


async def test_memory_is_saved_from_a_thread_and_when_it_is_written_last() -> None:
    script = Script()
    async with hosting(script) as bench:
        await until(lambda: script.opened)
        assert script.host is not None
        memory = script.host.memory
        await asyncio.to_thread(memory.__setitem__, "found", 1)
        await until(lambda: bench.saved)
        assert bench.saved == [("lamp", {"found": 1})]
        memory["found"] = 2
        await bench.stop()
        assert bench.saved[-1] == ("lamp", {"found": 2})


async def test_memory_takes_what_json_takes_and_hands_out_copies() -> None:
    script = Script()
    async with hosting(script):
        await until(lambda: script.opened)
        assert script.host is not None
        memory = script.host.memory
        for value in ({1, 2}, float("nan"), object()):
            with pytest.raises(TypeError, match="JSON-able"):
                memory["found"] = value
        with pytest.raises(TypeError, match="string"):
            memory[5] = 1  # type: ignore[index]  # that is the point
        assert list(memory) == []
        memory["found"] = {"on": True}
        memory["found"]["on"] = False
        assert memory["found"] == {"on": True}
        assert memory.setdefault("found", "newer") == {"on": True}
        assert json.dumps(dict(memory))


async def test_a_disk_that_is_full_does_not_take_the_lights_along(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script()

    def full(_name: str, _values: dict[str, Any]) -> None:
        raise OSError("No space left on device")

    host = DriverHost(
        {"lamp": {}},
        Path("state"),
        {},
        lambda: None,
        full,
        where="mirror.toml",
        plugins={"lamp": scripted(script)},
        timing=QUICK,
    )
    running = asyncio.create_task(host.run())
    await until(lambda: script.opened)
    assert script.host is not None
    script.host.memory["found"] = 1
    host.wish(BRIGHT)
    await until(lambda: script.applied)
    running.cancel()
    await asyncio.wait({running})
    assert "what driver lamp remembers could not be saved" in caplog.text
    assert script.closed == 1


# --- settings


def test_the_tables_are_converted_and_enabled_is_the_hosts_own() -> None:
    plugins = {"lamp": scripted(Script())}
    found = configured({"lamp": {"level": 3, "enabled": False}}, "mirror.toml", plugins)
    assert (found["lamp"].config.level, found["lamp"].enabled) == (3, False)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            {"lmap": {}},
            "mirror.toml: drivers.lmap: no such driver; did you mean lamp? (installed are lamp)",
        ),
        (
            {"lamp": {"lvel": 1}},
            "mirror.toml: drivers.lamp.lvel: no such setting; did you mean level?",
        ),
        (
            {"lamp": {"level": "x"}},
            "mirror.toml: drivers.lamp.level: expected a whole number, not text",
        ),
        (
            {"lamp": {"enabled": "yes"}},
            "mirror.toml: drivers.lamp.enabled: expected true or false",
        ),
    ],
)
def test_a_wrong_table_is_refused(tables: dict[str, dict[str, Any]], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(tables, "mirror.toml", {"lamp": scripted(Script())})
    assert str(refused.value) == said


async def test_no_driver_at_all_is_fine() -> None:
    host = DriverHost({}, Path("state"), {}, lambda: None, lambda *_: None, where="f", plugins={})
    running = asyncio.create_task(host.run())
    host.wish(BRIGHT)
    await asyncio.sleep(0.05)
    assert (host.status, host.measured()) == ([], Measured())
    running.cancel()
    await asyncio.wait({running})


# --- all at once


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_a_device_is_open_once_and_closed_in_the_end(seed: int) -> None:
    rng = random.Random(seed)
    script, sibling = Script(), Script()
    errors: list[BaseException] = [
        Unavailable("a"),
        Refused("b"),
        KeyError("c"),
        asyncio.CancelledError(),
    ]
    wishes: list[Environment] = [BRIGHT, BETWEEN, DIM, replace(BRIGHT, present=False)]
    async with hosting(script, sibling, timing=replace(QUICK, heartbeat_s=0.02)) as bench:
        for _ in range(150):
            step = rng.randrange(6)
            if step == 0:
                script.open_fails = rng.choice([None, None, *errors])
            elif step == 1:
                script.apply_fails = rng.choice([None, None, *errors])
            elif step == 2:
                script.apply_takes_s, script.close_takes_s = rng.random() / 50, rng.random() / 50
            elif step == 3:
                bench.host.enable("lamp", rng.random() < 0.7)
            elif step == 4:
                bench.host.pause(rng.random() < 0.3)
            bench.host.wish(rng.choice(wishes))
            await asyncio.sleep(rng.random() / 100)
            assert script.open_now in (0, 1)
        script.open_fails = script.apply_fails = None
        bench.host.wish(replace(DIM, particle_count=777))
        bench.host.pause(False)
        for switch in (False, True):
            bench.host.enable("lamp", switch)
        await until(lambda: script.applied and script.applied[-1].particle_count == 777)
        await until(lambda: sibling.applied[-1].particle_count == 777)
    assert script.opened == script.closed
    assert script.open_now == 0
