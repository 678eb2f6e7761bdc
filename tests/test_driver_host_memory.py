"""The driver host: what a driver remembers of its devices."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from mirrord.driver_host import DriverHost
from mirrord.testing import BRIGHT
from tests.driver_host_kit import QUICK, hosting
from tests.fakes.driver_scripted import Script, scripted
from tests.waiting import until

pytestmark = pytest.mark.alone


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
            memory[5] = 1  # that is the point
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
