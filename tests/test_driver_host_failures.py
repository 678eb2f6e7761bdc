"""The driver host: no failure of a driver ends the host or another driver."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from mirrord.driver import (
    Refused,
    Unavailable,
    write_secret,
)
from mirrord.testing import BRIGHT, DIM
from tests.driver_host_kit import QUICK, hosting
from tests.fakes.driver_scripted import Script
from tests.waiting import until

pytestmark = pytest.mark.alone


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
