from __future__ import annotations

import asyncio
import time
from pathlib import Path

from mirrord.driver import Device, Refused, Unavailable
from mirrord.driver_host import probe
from mirrord.testing import DIM
from tests.fakes.driver_lamp import LampSettings, plugin
from tests.fakes.driver_scripted import Nothing, Script, scripted
from tests.fakes.lamp_peer import FOUND, LampPeer


async def test_a_lamp_is_seen_and_left_as_it_is(tmp_path: Path) -> None:
    async with LampPeer() as lamp:
        result = await probe(plugin, LampSettings(lamp.url), tmp_path, 5.0)
        assert (result.ok, result.error) == (True, "")
        assert result.devices == (Device("lamp", "lamp", "Strange lamp", FOUND),)
        assert 0.0 < result.took_s < 5.0
        assert lamp.commands() == []


async def test_a_running_mirror_is_not_disturbed(tmp_path: Path) -> None:
    async with LampPeer() as lamp:
        memory: dict[str, object] = {}
        async with plugin.open(LampSettings(lamp.url), Remembering(memory, tmp_path)) as running:
            await running.apply(DIM)
            as_wished, remembered = lamp.observe(), dict(memory)
            assert (await probe(plugin, LampSettings(lamp.url), tmp_path, 5.0)).ok
            assert lamp.observe() == as_wished
            assert memory == remembered
        assert lamp.observe() == FOUND


class Remembering:
    def __init__(self, memory: dict[str, object], state_dir: Path) -> None:
        self.memory = memory
        self.state_dir = state_dir

    def report(self, device: Device) -> None:
        return


async def answer_of(script: Script, deadline_s: float = 5.0) -> str:
    return (await probe(scripted(script), Nothing(), Path("state"), deadline_s)).error


async def test_whatever_is_wrong_is_one_sentence() -> None:
    assert await answer_of(Script(open_fails=Unavailable("no lamp there"))) == "no lamp there"
    assert await answer_of(Script(open_fails=Refused("wrong key"))) == "wrong key"
    assert "a fault in the driver (KeyError" in await answer_of(Script(open_fails=KeyError("x")))
    assert await answer_of(Script(open_fails=asyncio.CancelledError())) == (
        "the driver cancelled itself"
    )
    late = Script(background_error=Unavailable("lost at once"))
    late.background_fails.set()
    assert await answer_of(late) == "lost at once"


async def test_a_hang_ends_with_the_deadline() -> None:
    started = time.monotonic()
    said = await answer_of(Script(open_hangs=True), deadline_s=0.2)
    assert said == "could not be opened within 0.2 s"
    assert time.monotonic() - started < 5.0


async def test_probes_run_beside_each_other_and_close() -> None:
    scripts = [Script(close_takes_s=0.2) for _ in range(8)]
    started = time.monotonic()
    results = await asyncio.gather(
        *(probe(scripted(script), Nothing(), Path("state"), 5.0) for script in scripts)
    )
    assert time.monotonic() - started < 3.0
    assert all(result.ok for result in results)
    assert [script.closed for script in scripts] == [1] * 8
    assert [script.applied for script in scripts] == [[]] * 8
